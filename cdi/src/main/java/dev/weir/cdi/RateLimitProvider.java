package dev.weir.cdi;

import dev.weir.filter.RateLimitFeature;
import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.core.Feature;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;

/**
 * Registers {@link RateLimitFeature} where JAX-RS looks for providers in indexed jars, and not for services: on
 * Quarkus. Elsewhere the feature may be registered already, and stays so once.
 */
@Provider
@ConstrainedTo(RuntimeType.SERVER)
public final class RateLimitProvider implements Feature {

    /** For JAX-RS. */
    public RateLimitProvider() {}

    @Override
    public boolean configure(FeatureContext context) {
        if (!context.getConfiguration().isRegistered(RateLimitFeature.class)) {
            context.register(RateLimitFeature.class);
        }
        return true;
    }
}
