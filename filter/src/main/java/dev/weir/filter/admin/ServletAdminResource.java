package dev.weir.filter.admin;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.container.ResourceContext;
import jakarta.ws.rs.core.Context;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The admin resource where JAX-RS may run in a servlet container, whose request says what JAX-RS does not: the address
 * that it comes from. Loaded only if the Servlet API is there.
 */
@PreMatching
final class ServletAdminResource implements ContainerRequestFilter {

    private static final Logger LOG = System.getLogger(ServletAdminResource.class.getName());

    private final AdminResource resource;
    private final Supplier<@Nullable ResourceContext> injector;

    // A proxy that stands for the request at hand; outside of a servlet container it stays null, or fails when used.
    @Context
    private @Nullable HttpServletRequest servletRequest;

    /** @param injector what injects the request where JAX-RS has not done so by itself */
    ServletAdminResource(AdminResource resource, Supplier<@Nullable ResourceContext> injector) {
        this.resource = resource;
        this.injector = injector;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        resource.answer(request, this::peer);
    }

    private Optional<String> peer() {
        try {
            ResourceContext later = injector.get();
            if (servletRequest == null && later != null) {
                later.initResource(this);
            }
            return Optional.ofNullable(servletRequest).map(HttpServletRequest::getRemoteAddr);
        } catch (RuntimeException notInAServlet) { // Each implementation has an exception of its own for that.
            LOG.log(Level.DEBUG, "the servlet request that was injected stands for none", notInAServlet);
            return Optional.empty();
        }
    }
}
