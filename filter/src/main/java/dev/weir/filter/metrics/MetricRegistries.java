package dev.weir.filter.metrics;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Finds who keeps the metrics.
 *
 * <p>MicroProfile Metrics says how a registry is injected by CDI, but not how code without CDI gets one. So an
 * application may hand one in; otherwise SmallRye's shared registry is taken, by reflection, because it is one of
 * several implementations and none may be required; otherwise there are no metrics.
 */
public final class MetricRegistries {

    /** The attribute of a servlet context that may hold a registry. */
    public static final String ATTRIBUTE = "dev.weir.MetricRegistry";

    private static final Logger LOG = System.getLogger(MetricRegistries.class.getName());
    private static final String SMALLRYE = "io.smallrye.metrics.SharedMetricRegistries";

    private MetricRegistries() {}

    /** @throws IllegalArgumentException if {@code given} is something else than a registry */
    public static Metrics metrics(@Nullable Object given) {
        try {
            Object registry = given == null ? smallRye() : given;
            if (registry == null) {
                return Metrics.NONE;
            }
            if (!(registry instanceof MetricRegistry known)) {
                throw new IllegalArgumentException(
                        "%s must be an org.eclipse.microprofile.metrics.MetricRegistry, but is a %s"
                                .formatted(ATTRIBUTE, registry.getClass().getName()));
            }
            return new MicroProfileMetrics(known);
        } catch (LinkageError e) {
            LOG.log(Level.DEBUG, "no MicroProfile Metrics on the class path: nothing is counted", e);
            return Metrics.NONE;
        }
    }

    private static @Nullable Object smallRye() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        try {
            return Class.forName(SMALLRYE, true, context)
                    .getMethod("getOrCreate", String.class)
                    .invoke(null, MetricRegistry.APPLICATION_SCOPE);
        } catch (ReflectiveOperationException e) {
            LOG.log(Level.DEBUG, "no SmallRye Metrics on the class path: nothing is counted", e);
            return null;
        }
    }
}
