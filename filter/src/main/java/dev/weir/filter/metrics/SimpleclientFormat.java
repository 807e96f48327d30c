package dev.weir.filter.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** By {@code micrometer-registry-prometheus-simpleclient}, on the client before it, which SmallRye Metrics uses. */
@SuppressWarnings("deprecation") // By Micrometer, though SmallRye Metrics knows no other.
final class SimpleclientFormat implements PrometheusFormat {

    @Override
    public @Nullable Supplier<String> textOf(MeterRegistry registry) {
        return registry instanceof PrometheusMeterRegistry prometheus ? prometheus::scrape : null;
    }

    @Override
    public MeterRegistry create() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }
}
