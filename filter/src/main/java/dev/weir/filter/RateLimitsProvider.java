package dev.weir.filter;

import java.util.Optional;

/**
 * Provides the limiter of a web application in place of {@link RateLimits#of}, where a container of beans has made it:
 * so that what is injected is what requests are charged to, and its store is opened once. Found by
 * {@link java.util.ServiceLoader}, through the context class loader.
 */
public interface RateLimitsProvider {

    /** The limiter of the calling thread's application; empty if its container does not run. */
    Optional<RateLimits> limits();
}
