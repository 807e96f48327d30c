package dev.weir.filter.metrics;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.jspecify.annotations.Nullable;

/**
 * SmallRye's shared registry of application metrics, by reflection. MicroProfile Metrics says how a registry is
 * injected by CDI, but not how code without CDI gets one; SmallRye is one of several implementations, and none may be
 * required.
 */
final class SmallRyeMetrics {

    private static final Logger LOG = System.getLogger(SmallRyeMetrics.class.getName());
    private static final String REGISTRIES = "io.smallrye.metrics.SharedMetricRegistries";

    private SmallRyeMetrics() {}

    static boolean isPresent() {
        return Library.isPresent(REGISTRIES, loader());
    }

    private static @Nullable ClassLoader loader() {
        return Thread.currentThread().getContextClassLoader();
    }

    /** Null if it is not on the class path. */
    static @Nullable Instruments shared() {
        if (!isPresent()) {
            return null;
        }
        try {
            Class<?> registries = Class.forName(REGISTRIES, true, loader());
            Object registry =
                    registries.getMethod("getOrCreate", String.class).invoke(null, MetricRegistry.APPLICATION_SCOPE);
            warnIfNotShown(registries.getClassLoader());
            return MicroProfileInstruments.of(registry);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Lets it put its registries where they can be read; whether it can be used, is the limiter's question. */
    static void prepare() {
        try {
            Class.forName(REGISTRIES, true, loader());
        } catch (ClassNotFoundException | LinkageError unusable) {
            LOG.log(Level.DEBUG, "no SmallRye Metrics", unusable);
        }
    }

    /** Without this jar SmallRye counts, but has nowhere to show it: {@code /metrics} is a 501. */
    private static void warnIfNotShown(@Nullable ClassLoader loader) {
        if (!Library.isPresent("io.micrometer.prometheus.PrometheusMeterRegistry", loader)
                && MicrometerInstruments.isOnlyInMemory()) {
            LOG.log(
                    Level.WARNING,
                    "SmallRye Metrics counts, but cannot show it: add"
                            + " io.micrometer:micrometer-registry-prometheus-simpleclient");
        }
    }
}
