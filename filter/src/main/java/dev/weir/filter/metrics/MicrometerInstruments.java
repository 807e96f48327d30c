package dev.weir.filter.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts with Micrometer: {@code weir.decisions}, which its Prometheus registries show as weir_decisions_total. */
final class MicrometerInstruments implements Instruments {

    private final MeterRegistry registry;
    private final SharedGauges gauges;

    MicrometerInstruments(MeterRegistry registry) {
        this.registry = registry;
        gauges = new SharedGauges(registry, new Gauges(registry));
    }

    /** Null if what an application has handed in is something else. */
    static @Nullable Instruments of(Object given) {
        return given instanceof MeterRegistry registry ? new MicrometerInstruments(registry) : null;
    }

    /** Counts in all registries that the application adds to the global one, sooner or later. */
    static Instruments global() {
        return new MicrometerInstruments(Metrics.globalRegistry);
    }

    /** Whether nothing that was counted in the global registry is shown anywhere. */
    static boolean isOnlyInMemory() {
        return Metrics.globalRegistry.getRegistries().stream().allMatch(SimpleMeterRegistry.class::isInstance);
    }

    @Override
    public Counter counter(Series series) {
        return io.micrometer.core.instrument.Counter.builder(series.dottedName())
                .description(series.description())
                .tags(tags(series))
                .register(registry)::increment;
    }

    @Override
    public Timer timer(Series series) {
        var timer = io.micrometer.core.instrument.Timer.builder(series.dottedName())
                .description(series.description())
                .tags(tags(series))
                .serviceLevelObjectives(Timer.BUCKETS.toArray(Duration[]::new))
                .register(registry);
        return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void gauge(Series series, Supplier<? extends Number> value) {
        gauges.show(series, value);
    }

    @Override
    public void removeGauge(Series series) {
        gauges.remove(series);
    }

    @Override
    public void refresh() {
        gauges.refresh();
    }

    @Override
    public void removeGauges() {
        gauges.removeAll();
    }

    private static List<Tag> tags(Series series) {
        return series.tags().stream()
                .map(tag -> Tag.of(tag.name(), tag.value()))
                .toList();
    }

    private record Gauges(MeterRegistry registry) implements SharedGauges.Registry {

        @Override
        public @Nullable Gauge find(Series series) {
            return registry.find(series.dottedName()).tags(tags(series)).gauge();
        }

        @Override
        public Object register(Series series, Supplier<? extends Number> value) {
            return Gauge.builder(series.dottedName(), value::get)
                    .description(series.description())
                    .baseUnit(series.isInSeconds() ? "seconds" : null)
                    .tags(tags(series))
                    .register(registry);
        }

        @Override
        public void remove(Series series) {
            Gauge gauge = find(series);
            if (gauge != null) {
                registry.remove(gauge);
            }
        }
    }
}
