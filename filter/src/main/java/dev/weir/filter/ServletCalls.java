package dev.weir.filter;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.SecurityContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.Principal;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where JAX-RS runs in a servlet container, the servlet's request and response: in front of a {@link ResourceGate}, it
 * leaves them with the request. Loaded only if the Servlet API is there.
 */
final class ServletCalls implements ContainerRequestFilter {

    private static final Logger LOG = System.getLogger(ServletCalls.class.getName());
    private static final String EXCHANGE = "dev.weir.filter.exchange";

    // Proxies that stand for the request at hand. RESTEasy and CXF inject them into a filter that is registered, Jersey
    // only into what it is asked to inject; where there is no servlet, they stay null, or fail when they are used.
    @Context
    private @Nullable HttpServletRequest request;

    @Context
    private @Nullable HttpServletResponse response;

    @Context
    private @Nullable ServletContext context;

    private Supplier<@Nullable ResourceContext> injector = () -> null;

    /**
     * The web application that JAX-RS is in.
     *
     * @param own the limiter, if it is not that of the web application
     * @return empty if it is in none, or in one that is not known yet
     */
    Optional<ResourcePlace> place(@Nullable RateLimits own) {
        return injected()
                .or(StartedContexts::current)
                .map(found -> new ResourcePlace(
                        own == null ? RateLimits.of(found) : own, this, DelayFilter.isRegistered(found), false));
    }

    private Optional<ServletContext> injected() {
        try {
            ServletContext found = context;
            if (found != null) {
                found.getMajorVersion(); // A proxy of nothing fails.
            }
            return Optional.ofNullable(found);
        } catch (RuntimeException notInAServlet) { // Each implementation has an exception of its own for that.
            LOG.log(Level.DEBUG, "the servlet context that was injected stands for none", notInAServlet);
            return Optional.empty();
        }
    }

    /** From where to be injected at the first request, if it has not been by then. */
    void injectBy(Supplier<@Nullable ResourceContext> later) {
        injector = later;
    }

    /** @param injector null if there is none */
    void inject(@Nullable ResourceContext injector) {
        if (injector != null && request == null) {
            try {
                injector.initResource(this);
            } catch (RuntimeException outsideOfARequest) { // Then it is injected when it is registered.
                LOG.log(Level.DEBUG, "nothing can be injected outside of a request", outsideOfARequest);
            }
        }
    }

    @Override
    public void filter(ContainerRequestContext call) {
        call.removeProperty(EXCHANGE); // Where properties are attributes of the servlet's request.
        inject(injector.get());
        HttpServletRequest current = request;
        HttpServletResponse answer = response;
        if (current != null && answer != null && isThere(current)) {
            call.setProperty(EXCHANGE, new ServletExchange(new Caller(current, call.getSecurityContext()), answer));
        }
    }

    private static boolean isThere(HttpServletRequest request) {
        try {
            return request.getDispatcherType() != null;
        } catch (RuntimeException notInAServlet) { // As above; the gate then asks for what JAX-RS alone says.
            LOG.log(Level.DEBUG, "the servlet request that was injected stands for none", notInAServlet);
            return false;
        }
    }

    /** The exchange of a request that has passed here; empty if it has come without a servlet. */
    static Optional<Exchange> exchange(ContainerRequestContext call) {
        return call.getProperty(EXCHANGE) instanceof Exchange exchange ? Optional.of(exchange) : Optional.empty();
    }

    /** Whether a request can wait for its turn, and come again. */
    static boolean canWait(Exchange exchange) {
        return exchange.unwrap(HttpServletRequest.class)
                .filter(DelayFilter::isBehind)
                .isPresent();
    }

    /** Holds the response back until the request comes again; false if that cannot be. */
    static boolean holdBack(Exchange exchange) {
        Optional<DiscardableResponse> response =
                exchange.unwrap(HttpServletRequest.class).flatMap(DiscardableResponse::of);
        response.ifPresent(DiscardableResponse::holdBack);
        return response.isPresent();
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
