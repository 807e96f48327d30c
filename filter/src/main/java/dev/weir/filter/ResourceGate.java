package dev.weir.filter;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.security.Principal;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The gate in front of one resource method.
 *
 * <p>Fields go straight to the servlet's response, where the servlet filter has put its own: that is what merges the
 * two.
 */
final class ResourceGate implements ContainerRequestFilter {

    private final Gate gate;
    private final Supplier<HttpServletRequest> request;
    private final Supplier<HttpServletResponse> response;

    ResourceGate(Gate gate, Supplier<HttpServletRequest> request, Supplier<HttpServletResponse> response) {
        this.gate = gate;
        this.request = request;
        this.response = response;
    }

    @Override
    public void filter(ContainerRequestContext context) {
        context.removeProperty(RateLimitFeature.PARKED); // Where properties are attributes of the servlet's request.
        HttpServletRequest caller = new Caller(request.get(), context.getSecurityContext());
        Optional<Problem> problem = gate.enter(caller, response.get(), () -> DelayFilter.isBehind(caller));
        Optional<Waits> waits = Waits.of(caller);
        Optional<DiscardableResponse> heldBack = DiscardableResponse.of(caller);
        if (problem.isEmpty() && waits.isPresent() && heldBack.isEmpty()) {
            // A filter in front has taken a place in a line, and no request behind it can wait: it is decided now.
            problem = waits.get().settle(caller, response.get());
        }
        if (problem.isPresent()) {
            context.abortWith(Response.status(problem.get().status())
                    .type(Problem.MEDIA_TYPE)
                    .entity(problem.get().body())
                    .build());
        } else if (waits.isPresent() && heldBack.isPresent()) {
            // No client sees this answer: the request comes again when its turn has come.
            heldBack.get().holdBack();
            context.setProperty(RateLimitFeature.PARKED, true);
            context.abortWith(Response.noContent().build());
        }
    }

    /** The servlet's request with the principal of JAX-RS, whose filters authenticate without telling the servlet. */
    private static final class Caller extends HttpServletRequestWrapper {

        private final @Nullable SecurityContext security;

        Caller(HttpServletRequest request, @Nullable SecurityContext security) {
            super(request);
            this.security = security;
        }

        @Override
        public @Nullable Principal getUserPrincipal() {
            return security == null ? super.getUserPrincipal() : security.getUserPrincipal();
        }

        @Override
        public @Nullable String getRemoteUser() {
            Principal principal = getUserPrincipal();
            return principal == null ? null : principal.getName();
        }
    }
}
