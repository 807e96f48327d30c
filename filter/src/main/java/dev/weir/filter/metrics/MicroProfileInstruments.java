package dev.weir.filter.metrics;

import java.time.Duration;
import java.util.function.Supplier;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricID;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;
import org.jspecify.annotations.Nullable;

/** Counts with MicroProfile Metrics. Names are those of Prometheus, which an exporter leaves as they are. */
final class MicroProfileInstruments implements Instruments {

    private final MetricRegistry registry;
    private final SharedGauges gauges;

    MicroProfileInstruments(MetricRegistry registry) {
        this.registry = registry;
        gauges = new SharedGauges(registry, new Gauges(registry));
    }

    /** Null if what an application has handed in is something else. */
    static @Nullable Instruments of(Object given) {
        return given instanceof MetricRegistry registry ? new MicroProfileInstruments(registry) : null;
    }

    @Override
    public Counter counter(Series series) {
        return registry.counter(about(series), tags(series))::inc;
    }

    @Override
    public Timer timer(Series series) {
        var timer = registry.timer(about(series), tags(series));
        return nanos -> timer.update(Duration.ofNanos(nanos));
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

    private static Metadata about(Series series) {
        return Metadata.builder()
                .withName(series.name())
                .withDescription(series.description())
                .build();
    }

    private static Tag[] tags(Series series) {
        return series.tags().stream()
                .map(tag -> new Tag(tag.name(), tag.value()))
                .toArray(Tag[]::new);
    }

    private record Gauges(MetricRegistry registry) implements SharedGauges.Registry {

        private static MetricID id(Series series) {
            return new MetricID(series.name(), tags(series));
        }

        @Override
        public @Nullable Object find(Series series) {
            return registry.getGauge(id(series));
        }

        @Override
        public Object register(Series series, Supplier<? extends Number> value) {
            Supplier<Number> number = value::get;
            return registry.gauge(about(series), number, tags(series));
        }

        @Override
        public void remove(Series series) {
            registry.remove(id(series));
        }
    }
}
