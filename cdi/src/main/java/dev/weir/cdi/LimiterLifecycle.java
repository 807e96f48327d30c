package dev.weir.cdi;

import dev.weir.filter.RateLimits;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import org.jspecify.annotations.Nullable;

/**
 * Starts the limiter with the application, so that a wrong configuration keeps it from starting, and ends it before any
 * bean is destroyed: a store says goodbye through the application's own client.
 */
@Singleton
class LimiterLifecycle {

    private @Nullable RateLimits started;

    void start(
            @Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) Startup event,
            RateLimits limits,
            InjectedPolicies policies) {
        started = limits;
        try {
            policies.requireIn(limits);
        } catch (RuntimeException | Error refused) {
            limits.close(); // A container that could not start may end nothing.
            throw refused;
        }
    }

    void end(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) Shutdown event) {
        if (started != null) {
            started.close();
        }
    }
}
