package dev.weir.cdi;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import jakarta.servlet.ServletContext;
import org.jspecify.annotations.Nullable;

/**
 * The web application that the beans are part of, whose web.xml may hold some of the limiter's configuration. CDI's own
 * bean of it is of the request at hand.
 */
@Singleton
class WebContext {

    private volatile @Nullable ServletContext known;

    /** Before the beans of the application can ask for the limiter. */
    void initialized(
            @Observes @Initialized(ApplicationScoped.class) @Priority(Interceptor.Priority.PLATFORM_BEFORE)
                    ServletContext context) {
        known = context;
    }

    /** Says which context it is, where the container's event does not. */
    void is(ServletContext context) {
        known = context;
    }

    /** Null if there is none, or none yet. */
    @Nullable ServletContext get() {
        return known;
    }
}
