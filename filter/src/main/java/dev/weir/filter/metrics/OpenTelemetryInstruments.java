package dev.weir.filter.metrics;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.Meter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts with OpenTelemetry: {@code weir.decisions}, which its Prometheus exporter shows as weir_decisions_total. */
final class OpenTelemetryInstruments implements Instruments {

    private static final Logger LOG = System.getLogger(OpenTelemetryInstruments.class.getName());
    private static final String SCOPE = "dev.weir";
    private static final String UNIT = "s";
    private static final double NANOS_PER_SECOND = 1e9;

    /** The buckets that the API proposes by itself are for milliseconds. */
    private static final List<Double> SECONDS = Timer.BUCKETS.stream()
            .map(bucket -> bucket.toNanos() / NANOS_PER_SECOND)
            .toList();

    private final Meter meter;
    private final Map<Series, AutoCloseable> gauges = new ConcurrentHashMap<>();

    OpenTelemetryInstruments(Meter meter) {
        this.meter = meter;
    }

    /** Null if what an application has handed in is something else. */
    static @Nullable Instruments of(Object given) {
        if (given instanceof OpenTelemetry openTelemetry) {
            return new OpenTelemetryInstruments(openTelemetry.getMeter(SCOPE));
        }
        return given instanceof Meter meter ? new OpenTelemetryInstruments(meter) : null;
    }

    /**
     * The global one if the application, or its agent, has set it. To ask for it before would set it, for ever, to one
     * that does nothing, and what the application sets up afterwards would fail. That nothing is counted is no warning:
     * the API may be there only because another library needs it.
     */
    static @Nullable Instruments global() {
        if (isSet()) {
            return of(GlobalOpenTelemetry.get());
        }
        LOG.log(
                Level.INFO,
                "the API of OpenTelemetry is on the class path, but GlobalOpenTelemetry is not set, or the API is older"
                        + " than 1.57 and cannot be asked: nothing is counted there unless it is handed in by the"
                        + " context attribute {0}",
                MetricRegistries.ATTRIBUTE);
        return null;
    }

    private static boolean isSet() {
        try {
            return GlobalOpenTelemetry.isSet();
        } catch (NoSuchMethodError older) {
            return false;
        }
    }

    /** Attributes are made once; a counter that has not been added to would not be shown. */
    @Override
    public Counter counter(Series series) {
        var counter = meter.counterBuilder(series.dottedName())
                .setDescription(series.description())
                .build();
        Attributes attributes = attributes(series);
        counter.add(0, attributes);
        return amount -> counter.add(amount, attributes);
    }

    @Override
    public Timer timer(Series series) {
        var histogram = meter.histogramBuilder(series.dottedName())
                .setDescription(series.description())
                .setUnit(UNIT)
                .setExplicitBucketBoundariesAdvice(SECONDS)
                .build();
        Attributes attributes = attributes(series);
        return nanos -> histogram.record(nanos / NANOS_PER_SECOND, attributes);
    }

    @Override
    public void gauge(Series series, Supplier<? extends Number> value) {
        Attributes attributes = attributes(series);
        AutoCloseable gauge = meter.gaugeBuilder(series.dottedName())
                .setDescription(series.description())
                .setUnit(series.isInSeconds() ? UNIT : "")
                .buildWithCallback(measured -> measured.record(value.get().doubleValue(), attributes));
        close(gauges.put(series, gauge));
    }

    @Override
    public void removeGauge(Series series) {
        close(gauges.remove(series));
    }

    @Override
    public void removeGauges() {
        gauges.keySet().forEach(this::removeGauge);
    }

    private static void close(@Nullable AutoCloseable gauge) {
        try {
            if (gauge != null) {
                gauge.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Attributes attributes(Series series) {
        AttributesBuilder attributes = Attributes.builder();
        series.tags().forEach(tag -> attributes.put(tag.name(), tag.value()));
        return attributes.build();
    }
}
