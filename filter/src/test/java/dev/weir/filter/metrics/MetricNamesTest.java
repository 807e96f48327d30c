package dev.weir.filter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.Configs;
import dev.weir.filter.MemoryBackedStore;
import dev.weir.filter.RateLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.opentelemetry.exporter.prometheus.PrometheusMetricReader;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.smallrye.metrics.SharedMetricRegistries;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whatever library counts: Prometheus scrapes the same names, tags and values, by the real exporters. */
class MetricNamesTest {

    private static final String LIMITS = """
            weir.leases=off
            weir.policy.named.limit=5
            weir.policy.named.period=366d
            weir.policy.tried.limit=5
            weir.policy.tried.period=366d
            weir.policy.tried.shadow=true
            weir.pool.named-pool.limit=100
            weir.pool.named-pool.period=1s
            weir.pool.named-pool.burst=100
            weir.policy.pooled.pool=named-pool
            """;

    /** What a scrape shows at the start, after a few decisions, and at the end. */
    private record Scrapes(Map<String, Double> start, Map<String, Double> later, Map<String, Double> end) {}

    private static Scrapes scrapes(Object registry, Supplier<String> scrape) {
        RateLimits limits = RateLimits.from(Configs.of(LIMITS), new MemoryBackedStore(), null, registry);
        Map<String, Double> start = series(scrape.get());
        limits.weir().limiter("named").allow("alice", 3);
        limits.weir().limiter("named").allow("alice", 3);
        limits.weir().limiter("named").allow("alice", 6);
        limits.weir().limiter("tried").allow("alice", 6);
        limits.weir().limiter("pooled").allow("alice", 10);
        Map<String, Double> later = series(scrape.get());
        limits.close();
        return new Scrapes(start, later, series(scrape.get()));
    }

    /** Of Weir, without what a library adds; of times, that they are there, for no two are the same. */
    private static Map<String, Double> series(String text) {
        Map<String, Double> series = new TreeMap<>();
        text.lines()
                .filter(line -> line.startsWith("weir_"))
                .filter(line -> !line.matches("weir_(store|decision)_seconds(_max|_bucket|_sum)?[{ ].*"))
                .forEach(line -> {
                    int end = line.lastIndexOf(' ');
                    String name = named(line.substring(0, end));
                    double value = Double.parseDouble(line.substring(end + 1));
                    series.put(name, name.matches(".*_seconds(_count)?\\{}") ? 1 : value);
                });
        return series;
    }

    private static String named(String line) {
        String labels = line.contains("{") ? line.substring(line.indexOf('{') + 1, line.lastIndexOf('}')) : "";
        return line.replaceFirst("\\{.*", "")
                + Arrays.stream(labels.split(","))
                        .filter(label -> !label.isEmpty())
                        .filter(label -> !label.startsWith("mp_scope") && !label.startsWith("otel_scope"))
                        .sorted()
                        .collect(Collectors.joining(",", "{", "}"));
    }

    private static Scrapes microProfile() {
        var registry = SharedMetricRegistries.getOrCreate("names");
        return scrapes(
                registry,
                () -> PrometheusText.of(null)
                        .render()
                        .lines()
                        .filter(line -> line.contains("mp_scope=\"names\""))
                        .collect(Collectors.joining("\n")));
    }

    private static Scrapes micrometer(MeterRegistry registry) {
        return scrapes(registry, PrometheusText.of(registry)::render);
    }

    private static Scrapes openTelemetry() {
        PrometheusMetricReader reader = PrometheusMetricReader.create();
        SdkMeterProvider meters =
                SdkMeterProvider.builder().registerMetricReader(reader).build();
        try (OpenTelemetrySdk sdk =
                OpenTelemetrySdk.builder().setMeterProvider(meters).build()) {
            return scrapes(sdk, () -> text(reader));
        }
    }

    private static String text(PrometheusMetricReader reader) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(bytes, reader.collect());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void scrapes_ofEveryLibrary_areTheSame() {
        Scrapes expected = microProfile();
        assertThat(expected.start())
                .containsEntry("weir_decisions_total{outcome=\"rejected\",policy=\"named\"}", 0.0)
                .containsEntry("weir_store_up{}", 1.0)
                .containsEntry("weir_pool_capacity{pool=\"named-pool\"}", 100.0);
        assertThat(expected.later())
                .containsEntry("weir_decisions_total{outcome=\"rejected\",policy=\"named\"}", 1.0)
                .containsEntry("weir_decisions_total{outcome=\"shadow_rejected\",policy=\"tried\"}", 1.0)
                .containsEntry("weir_cost_total{outcome=\"permitted\",policy=\"named\"}", 3.0)
                .containsEntry("weir_pool_permits_total{pool=\"named-pool\"}", 10.0)
                .containsKey("weir_store_seconds_count{}");
        assertThat(expected.end().keySet())
                .noneMatch(name -> name.startsWith("weir_store_up") || name.startsWith("weir_pool_capacity"));
        assertThat(expected.later())
                .containsKeys(
                        "weir_config_last_reload_timestamp_seconds{}",
                        "weir_store_down_seconds_total{}",
                        "weir_debt_lost_permits_total{policy=\"named\"}");

        assertSame(micrometer(new ClientFormat().create()), expected, "micrometer-registry-prometheus");
        assertSame(
                micrometer(new SimpleclientFormat().create()), expected, "micrometer-registry-prometheus-simpleclient");
        assertSame(micrometer(new CompositeMeterRegistry()), expected, "a composite");
        assertSame(openTelemetry(), expected, "OpenTelemetry");
    }

    private static void assertSame(Scrapes scrapes, Scrapes expected, String library) {
        // A histogram of OpenTelemetry is shown from its first value on. No request passes a gate here.
        scrapes.start().put("weir_store_seconds_count{}", 1.0);
        for (Map<String, Double> scrape : List.of(scrapes.start(), scrapes.later(), scrapes.end())) {
            scrape.put("weir_decision_seconds_count{}", 1.0);
        }
        assertThat(scrapes.start()).as(library).isEqualTo(expected.start());
        assertThat(scrapes.later()).as(library).isEqualTo(expected.later());
        assertThat(scrapes.end()).as(library).isEqualTo(expected.end());
    }
}
