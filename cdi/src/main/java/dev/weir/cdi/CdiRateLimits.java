package dev.weir.cdi;

import dev.weir.filter.RateLimits;
import dev.weir.filter.RateLimitsProvider;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.servlet.ServletContext;
import java.util.Optional;

/** Gives the servlet filter and the JAX-RS feature the limiter that is injected. Found by them by itself. */
public final class CdiRateLimits implements RateLimitsProvider {

    /** For the service loader. */
    public CdiRateLimits() {}

    @Override
    public Optional<RateLimits> limits(ServletContext context) {
        CDI<Object> container;
        try {
            container = CDI.current();
        } catch (IllegalStateException | LinkageError notRunning) {
            return Optional.empty();
        }
        container.select(WebContext.class).get().is(context);
        return Optional.of(container.select(RateLimits.class).get());
    }
}
