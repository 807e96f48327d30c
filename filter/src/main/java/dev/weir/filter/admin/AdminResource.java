package dev.weir.filter.admin;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.container.ResourceContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.PathSegment;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

    private final AdminRoutes routes;

    AdminResource(AdminRoutes routes) {
        this.routes = routes;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        answer(request, Optional::empty);
    }

    /** @param peer says the address of the socket's peer, if it is asked */
    void answer(ContainerRequestContext request, Supplier<Optional<String>> peer) {
        routes.answer(path(request), new Call(request, peer))
                .ifPresent(answer -> request.abortWith(response(answer, request)));
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

    private static Response response(AdminAnswer answer, ContainerRequestContext request) {
        Response.ResponseBuilder response = Response.status(answer.status().code());
        answer.fields().forEach(response::header);
        if (!answer.location().isEmpty()) {
            response.location(request.getUriInfo().getBaseUri().resolve(PATH + "/" + answer.location()));
        }
        return (answer.body().length == 0 ? response : response.entity(answer.body())).build();
    }

    private record Call(ContainerRequestContext request, Supplier<Optional<String>> peerOf) implements AdminCall {

        @Override
        public String method() {
            return request.getMethod();
        }

        @Override
        public @Nullable String field(String name) {
            return request.getHeaderString(name);
        }

        @Override
        public List<String> fields(String name) {
            return request.getHeaders().getOrDefault(name, List.of());
        }

        @Override
        public Optional<String> peer() {
            return peerOf.get();
        }

        @Override
        public @Nullable String query(String name) {
            return request.getUriInfo().getQueryParameters().getFirst(name);
        }

        @Override
        public boolean hasRole(String role) {
            return request.getSecurityContext().isUserInRole(role);
        }

        @Override
        public boolean bringsJson() {
            MediaType type = request.getMediaType();
            return type == null || type.isCompatible(MediaType.APPLICATION_JSON_TYPE);
        }

        @Override
        public boolean takesJson() {
            return request.getAcceptableMediaTypes().stream().anyMatch(MediaType.APPLICATION_JSON_TYPE::isCompatible);
        }

        @Override
        public InputStream body() {
            return request.getEntityStream();
        }
    }

    /**
     * The same where JAX-RS may run in a servlet container, whose request says what JAX-RS does not: the address that
     * it comes from. Loaded only if the Servlet API is there.
     */
    @PreMatching
    static final class InServlets implements ContainerRequestFilter {

        private static final Logger LOG = System.getLogger(AdminResource.class.getName());

        private final AdminResource resource;
        private final Supplier<@Nullable ResourceContext> injector;

        // A proxy that stands for the request at hand. RESTEasy and CXF inject it into a filter that is registered,
        // Jersey only into what it is asked to inject.
        @Context
        private @Nullable HttpServletRequest servletRequest;

        /** @param injector what injects the request where JAX-RS has not done so by itself */
        InServlets(AdminResource resource, Supplier<@Nullable ResourceContext> injector) {
            this.resource = resource;
            this.injector = injector;
        }

        @Override
        public void filter(ContainerRequestContext request) {
            resource.answer(request, this::peer);
        }

        private Optional<String> peer() {
            HttpServletRequest current = injected();
            try {
                return Optional.ofNullable(current).map(HttpServletRequest::getRemoteAddr);
            } catch (RuntimeException standsForNone) {
                // Outside of a servlet container Jersey injects null. A proxy of RESTEasy or CXF fails there when it is
                // used, with an exception that no specification names.
                LOG.log(Level.DEBUG, "the servlet request that was injected stands for none", standsForNone);
                return Optional.empty();
            }
        }

        private @Nullable HttpServletRequest injected() {
            ResourceContext later = injector.get();
            if (servletRequest == null && later != null) {
                later.initResource(this);
            }
            return servletRequest;
        }
    }
}
