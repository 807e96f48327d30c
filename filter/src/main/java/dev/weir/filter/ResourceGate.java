package dev.weir.filter;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;

/**
 * The gate in front of one resource method.
 *
 * <p>In a servlet container, fields go straight to the servlet's response, where the servlet filter has put its own:
 * that is what merges the two. Elsewhere they are put into the response of JAX-RS.
 */
final class ResourceGate implements ContainerRequestFilter, ContainerResponseFilter {

    /** What helps where a runtime does not say addresses. */
    static final String NO_ADDRESS =
            "weir.client-id asks for the address of a client, which JAX-RS says in a servlet container only: name what"
                    + " tells clients from each other without it, and no address, as weir.client-id=header:X-API-Key,"
                    + " principal (allowed are principal, header:NAME, cookie:NAME and class:NAME); in a servlet"
                    + " container, add dev.weir.filter.RateLimitsListener as a listener";

    private final Gate gate;
    private final ResourcePlace place;

    ResourceGate(Gate gate, ResourcePlace place) {
        this.gate = gate;
        this.place = place;
    }

    @Override
    public void filter(ContainerRequestContext context) {
        context.removeProperty(RateLimitFeature.PARKED); // Where properties are attributes of the servlet's request.
        Optional<Exchange> servlets = place.servletExchange(context);
        Exchange exchange = servlets.orElseGet(() -> withoutAddress(context));
        Optional<Problem> problem = gate.enter(exchange, () -> servlets.isPresent() && ServletCalls.canWait(exchange));
        Optional<Waits> waits = Waits.of(exchange);
        if (problem.isEmpty() && waits.isPresent()) {
            if (servlets.isPresent() && ServletCalls.holdBack(exchange)) {
                // No client sees this answer: the request comes again when its turn has come.
                context.setProperty(RateLimitFeature.PARKED, true);
                context.abortWith(Response.noContent().build());
                return;
            }
            // A filter in front has taken a place in a line, and no request behind it can wait: it is decided now.
            problem = waits.get().settle(exchange);
        }
        problem.ifPresent(rejection -> context.abortWith(answer(rejection, ResourceExchange.fields(context))));
    }

    /** All clients as one would be a limit that was not meant. */
    private Exchange withoutAddress(ContainerRequestContext context) {
        requireClientsWithoutAddress(gate.limits());
        return new ResourceExchange(context);
    }

    /** @throws IllegalStateException if {@code weir.client-id} asks for addresses */
    static void requireClientsWithoutAddress(RateLimits limits) {
        if (limits.http().clientId().namesAddress()) {
            throw new IllegalStateException(NO_ADDRESS);
        }
    }

    private static Response answer(Problem problem, Map<String, String> fields) {
        Response.ResponseBuilder answer =
                Response.status(problem.status()).type(Problem.MEDIA_TYPE).entity(problem.body());
        fields.forEach(answer::header);
        return answer.build();
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        ResourceExchange.fields(request)
                .forEach((name, value) -> response.getHeaders().putSingle(name, value));
    }
}
