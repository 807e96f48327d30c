package dev.weir.filter.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** By {@code micrometer-registry-prometheus}, on Prometheus' client of today. */
final class ClientFormat implements PrometheusFormat {

    @Override
    public @Nullable Supplier<String> textOf(MeterRegistry registry) {
        return registry instanceof PrometheusMeterRegistry prometheus ? prometheus::scrape : null;
    }

    @Override
    public MeterRegistry create() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }
}
