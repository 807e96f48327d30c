package dev.weir.filter.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One of the two libraries by which Micrometer writes Prometheus text; each has a class of the same name. */
interface PrometheusFormat {

    /** The text of a registry, whenever it is asked for; null if it is not one of this library. */
    @Nullable Supplier<String> textOf(MeterRegistry registry);

    /** A new registry of this library. */
    MeterRegistry create();

    /** Those that are on the class path. */
    static List<PrometheusFormat> onClassPath() {
        ClassLoader loader = PrometheusFormat.class.getClassLoader();
        boolean current = Library.isPresent("io.micrometer.prometheusmetrics.PrometheusMeterRegistry", loader);
        boolean former = Library.isPresent("io.micrometer.prometheus.PrometheusMeterRegistry", loader);
        if (current) {
            return former ? List.of(new ClientFormat(), new SimpleclientFormat()) : List.of(new ClientFormat());
        }
        return former ? List.of(new SimpleclientFormat()) : List.of();
    }
}
