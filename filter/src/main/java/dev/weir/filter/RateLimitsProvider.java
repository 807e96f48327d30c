package dev.weir.filter;

import jakarta.servlet.ServletContext;
import java.util.Optional;

/**
 * Provides the limiter of a web application in place of {@link RateLimits#of}, where a container of beans makes it: so
 * that what is injected is what requests are charged to, and its store is opened once. Found by
 * {@link java.util.ServiceLoader}, through the context class loader.
 */
public interface RateLimitsProvider {

    /** The limiter of a web application, always the same; empty if the application has no container that runs. */
    Optional<RateLimits> limits(ServletContext context);
}
