package dev.weir.filter.metrics;

import java.util.Locale;
import java.util.function.Supplier;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricID;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;
import org.eclipse.microprofile.metrics.Timer;

/** Registers series by name, description and tags. */
final class MetricSeries {

    private final MetricRegistry registry;
    private final SharedGauges gauges;

    MetricSeries(MetricRegistry registry) {
        this.registry = registry;
        gauges = new SharedGauges(registry);
    }

    Counter counter(String name, String description, Tag... tags) {
        return registry.counter(about(name, description), tags);
    }

    Timer timer(String name, String description) {
        return registry.timer(about(name, description));
    }

    void gauge(String name, String description, Supplier<Number> value, Tag... tags) {
        gauges.show(about(name, description), value, tags);
    }

    void removeGauge(String name, Tag... tags) {
        gauges.remove(new MetricID(name, tags));
    }

    /** Shows gauges again that another application has removed. */
    void refreshGauges() {
        gauges.refresh();
    }

    void removeGauges() {
        gauges.removeAll();
    }

    private static Metadata about(String name, String description) {
        return Metadata.builder().withName(name).withDescription(description).build();
    }

    static Tag tag(String name, String value) {
        return new Tag(name, value);
    }

    /** A tag whose value is a constant in lower case. */
    static Tag tag(String name, Enum<?> value) {
        return new Tag(name, value.name().toLowerCase(Locale.ROOT));
    }
}
