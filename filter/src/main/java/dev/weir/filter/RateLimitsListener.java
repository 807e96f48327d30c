package dev.weir.filter;

import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Closes the {@link RateLimits} of a web application when the application ends, and prepares it for requests that wait
 * for their turn ({@code at-limit=delay}): in front of every servlet, behind all other filters.
 *
 * <p>A container that looks for initializers registers it by itself; for another one, it is a {@code <listener>} of
 * web.xml.
 */
public final class RateLimitsListener implements ServletContextListener, ServletContainerInitializer {

    /** For the container. */
    public RateLimitsListener() {}

    @Override
    public void onStartup(@Nullable Set<Class<?>> classes, ServletContext context) {
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
