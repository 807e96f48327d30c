package dev.weir.filter.admin;

import dev.weir.filter.RateLimits;
import dev.weir.filter.config.AdminAccess;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.PathSegment;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Answers requests to the admin resource before JAX-RS looks for one of the application's own. Requests to all other
 * paths go on.
 *
 * <p>It is a filter, and none of its classes is a resource, so that a JAX-RS implementation that scans class paths for
 * resources finds none here: it is there only if {@link AdminFeature} registers it. Request and answer are JSON that is
 * read and written here, so that no JSON library for JAX-RS is needed.
 */
@PreMatching
final class AdminResource implements ContainerRequestFilter {

    private static final String PATH = "admin";

    private final AdminGuard guard;
    private final List<AdminRoute> routes;

    AdminResource(RateLimits limits, AdminAccess access) {
        guard = new AdminGuard(access);
        routes = Stream.of(
                        new AdminOverview(limits).routes(),
                        new AdminClients(limits).routes(),
                        new AdminBuckets(limits).routes())
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public void filter(ContainerRequestContext request) {
        List<String> path = path(request);
        for (AdminRoute route : routes) {
            Optional<Map<String, String>> parameters = route.match(path);
            if (parameters.isPresent()) {
                request.abortWith(guard.refusal(request)
                        .orElseGet(() -> answer(route, new AdminRequest(request, parameters.get()))));
                return;
            }
        }
    }

    /** The path below {@code admin}; empty if the request's is another one. */
    private static List<String> path(ContainerRequestContext request) {
        List<String> path = request.getUriInfo().getPathSegments().stream()
                .map(PathSegment::getPath)
                .toList();
        if (path.isEmpty() || !path.get(0).equals(PATH)) {
            return List.of();
        }
        boolean endsWithSlash = path.get(path.size() - 1).isEmpty();
        return path.subList(1, path.size() - (endsWithSlash ? 1 : 0));
    }

    private static Response answer(AdminRoute route, AdminRequest request) {
        String method = request.context().getMethod();
        if (method.equals(HttpMethod.OPTIONS)) {
            return Response.ok().header(HttpHeaders.ALLOW, route.allowed()).build();
        }
        return route.action(method)
                .map(action -> {
                    Response answer = acceptsJson(request.context())
                            ? answer(() -> action.apply(request))
                            : AdminProblem.of(Status.NOT_ACCEPTABLE, "answers are application/json");
                    return method.equals(HttpMethod.HEAD) ? withoutBody(answer) : answer;
                })
                .orElseGet(() -> Response.fromResponse(
                                AdminProblem.of(Status.METHOD_NOT_ALLOWED, "allowed are " + route.allowed()))
                        .header(HttpHeaders.ALLOW, route.allowed())
                        .build());
    }

    private static Response answer(Supplier<Response> action) {
        try {
            return action.get();
        } catch (WebApplicationException problem) {
            return problem.getResponse();
        }
    }

    private static boolean acceptsJson(ContainerRequestContext request) {
        return request.getAcceptableMediaTypes().stream().anyMatch(MediaType.APPLICATION_JSON_TYPE::isCompatible);
    }

    private static Response withoutBody(Response answer) {
        return Response.fromResponse(answer).entity(null).build();
    }
}
