package dev.weir.filter.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that Micrometer or SmallRye Metrics has registered, as Prometheus text. SmallRye counts in Micrometer's
 * global registry, so that both are read in the same way. Thread-safe.
 */
public final class PrometheusText implements AutoCloseable {

    /** The media type of the text. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Supplier<String> text;
    private final Runnable end;

    private PrometheusText(Supplier<String> text, Runnable end) {
        this.text = text;
        this.end = end;
    }

    /**
     * The text of the registry that is counted in. If its library has a way to write such text, but the application has
     * not set it up, that is done here, until {@link #close}.
     *
     * @param given what the application has handed in to count in; null if nothing
     * @throws IllegalStateException if there is no such text; its message names the jars to add
     */
    public static PrometheusText of(@Nullable Object given) {
        if (!Library.MICROMETER.isPresent()) {
            throw new IllegalStateException("no metrics can be shown: add io.micrometer:micrometer-registry-prometheus"
                    + " and io.micrometer:micrometer-core, or, with io.smallrye:smallrye-metrics,"
                    + " io.micrometer:micrometer-registry-prometheus-simpleclient");
        }
        if (given == null) {
            SmallRyeMetrics.prepare();
        }
        return Source.of(given);
    }

    /** All series, as they are now. */
    public String render() {
        return text.get();
    }

    /** Takes away what {@link #of} has set up. */
    @Override
    public void close() {
        end.run();
    }

    /** Apart, because Micrometer may be absent. */
    private static final class Source {

        private Source() {}

        static PrometheusText of(@Nullable Object given) {
            MeterRegistry registry = registry(given);
            List<PrometheusFormat> formats = PrometheusFormat.onClassPath();
            return leaves(registry)
                    .flatMap(leaf -> formats.stream().flatMap(format -> Stream.ofNullable(format.textOf(leaf))))
                    .findFirst()
                    .map(text -> new PrometheusText(text, () -> {}))
                    .orElseGet(() -> added(registry, formats));
        }

        /** What the application hands in; MicroProfile Metrics, too, is counted in the global registry. */
        private static MeterRegistry registry(@Nullable Object given) {
            if (given != null && Library.OPEN_TELEMETRY.of(given) != null) {
                throw new IllegalStateException("OpenTelemetry is counted in, whose metrics its own exporter shows: add"
                        + " io.opentelemetry:opentelemetry-exporter-prometheus to its set-up instead of this servlet");
            }
            return given instanceof MeterRegistry registry ? registry : Metrics.globalRegistry;
        }

        private static Stream<MeterRegistry> leaves(MeterRegistry registry) {
            return registry instanceof CompositeMeterRegistry all
                    ? all.getRegistries().stream().flatMap(Source::leaves)
                    : Stream.of(registry);
        }

        private static PrometheusText added(MeterRegistry registry, List<PrometheusFormat> formats) {
            if (!(registry instanceof CompositeMeterRegistry all)) {
                throw new IllegalStateException("a %s cannot be shown: hand in a PrometheusMeterRegistry"
                        .formatted(registry.getClass().getName()));
            }
            if (formats.isEmpty()) {
                throw new IllegalStateException(
                        "no metrics can be shown: add %s, of the version of io.micrometer:micrometer-core"
                                .formatted(
                                        SmallRyeMetrics.isPresent()
                                                ? "io.micrometer:micrometer-registry-prometheus-simpleclient"
                                                : "io.micrometer:micrometer-registry-prometheus"));
            }
            PrometheusFormat format = formats.get(0);
            MeterRegistry own = format.create();
            all.add(own);
            Supplier<String> text = format.textOf(own);
            return new PrometheusText(text == null ? () -> "" : text, () -> {
                all.remove(own);
                own.close();
            });
        }
    }
}
