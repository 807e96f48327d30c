package dev.weir.filter;

import dev.weir.annotation.RateLimited;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.HandlesTypes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Closes the {@link RateLimits} of a web application when the application ends, and prepares it for requests that wait
 * for their turn ({@code at-limit=delay}): in front of every servlet, behind all other filters.
 *
 * <p>A container that looks for initializers registers it by itself; for another one, it is a {@code <listener>} of
 * web.xml.
 *
 * <p>A container that looks for initializers also says on which types {@link RateLimited} stands. On a servlet or a
 * filter nothing reads the annotation: the deployment fails. On a resource whose JAX-RS does not know {@link
 * RateLimitFeature}, an error is logged after the first request. On any other class it is a warning, unless the starter
 * for Spring Boot is there, which reads it on controllers.
 */
@HandlesTypes({RateLimited.class, RateLimited.List.class})
public final class RateLimitsListener implements ServletContextListener, ServletContainerInitializer {

    /** For the container. */
    public RateLimitsListener() {}

    @Override
    public void onStartup(@Nullable Set<Class<?>> limited, ServletContext context) throws ServletException {
        LimitedTypes.check(limited == null ? Set.of() : limited, context);
        context.addListener(this);
        DeploymentDescriptor.rememberFilters(context);
        StartedContexts.add(context);
        DelayFilter.register(context);
    }

    @Override
    public void contextInitialized(ServletContextEvent event) {
        StartedContexts.add(event.getServletContext());
        DelayFilter.register(event.getServletContext());
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        StartedContexts.remove(context);
        DeploymentDescriptor.forgetFilters(context);
        if (context.getAttribute(RateLimits.ATTRIBUTE) instanceof RateLimits limits) {
            limits.close();
            context.removeAttribute(RateLimits.ATTRIBUTE);
        }
    }
}
