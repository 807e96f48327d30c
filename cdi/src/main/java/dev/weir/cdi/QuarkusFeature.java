package dev.weir.cdi;

import dev.weir.filter.RateLimitFeature;
import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.core.Feature;
import jakarta.ws.rs.core.FeatureContext;

/**
 * Registers {@link RateLimitFeature} on Quarkus, whose build reads RESTEasy's own list of providers, {@code
 * META-INF/services/jakarta.ws.rs.ext.Providers}, and not the services of JAX-RS. RESTEasy elsewhere reads both: there
 * this does nothing, because the feature is found as a service.
 */
@ConstrainedTo(RuntimeType.SERVER)
public final class QuarkusFeature implements Feature {

    private static final String QUARKUS = "io.quarkus.arc.Arc";

    /** For JAX-RS. */
    public QuarkusFeature() {}

    @Override
    public boolean configure(FeatureContext context) {
        boolean isNeeded = isOnQuarkus() && !context.getConfiguration().isRegistered(RateLimitFeature.class);
        if (isNeeded) {
            context.register(RateLimitFeature.class);
        }
        return isNeeded;
    }

    private static boolean isOnQuarkus() {
        try {
            Class.forName(QUARKUS, false, QuarkusFeature.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError absent) {
            return false;
        }
    }
}
