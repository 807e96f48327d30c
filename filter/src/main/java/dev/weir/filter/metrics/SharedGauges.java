package dev.weir.filter.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.eclipse.microprofile.metrics.Gauge;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricID;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Gauges in a registry that several web applications may share, each perhaps with a copy of this class. A registry
 * shows one gauge of a name: that of the application which came first. When it ends and takes its own away, another one
 * puts its own there ({@link #refresh}). Looking and registering are one step under the registry's lock, which all
 * copies share: a registry answers a second registration with the first one's gauge, which would then be taken for
 * one's own.
 */
final class SharedGauges {

    private record Shown(Metadata metadata, Supplier<Number> value, Tag[] tags) {}

    private final MetricRegistry registry;
    private final Map<MetricID, Shown> all = new LinkedHashMap<>();
    private final Map<MetricID, Gauge<?>> own = new LinkedHashMap<>();

    SharedGauges(MetricRegistry registry) {
        this.registry = registry;
    }

    synchronized void show(Metadata metadata, Supplier<Number> value, Tag... tags) {
        all.put(new MetricID(metadata.getName(), tags), new Shown(metadata, value, tags));
        refresh();
    }

    /** Registers again what the registry has lost. */
    synchronized void refresh() {
        synchronized (registry) {
            all.forEach((id, shown) -> {
                if (registry.getGauge(id) == null) {
                    own.put(id, registry.gauge(shown.metadata(), shown.value(), shown.tags()));
                }
            });
        }
    }

    synchronized void remove(MetricID id) {
        all.remove(id);
        @Nullable Gauge<?> gauge = own.remove(id);
        synchronized (registry) {
            if (gauge != null && Objects.equals(registry.getGauge(id), gauge)) {
                registry.remove(id);
            }
        }
    }

    /** Takes away what is shown from here: it holds on to the limiter. */
    synchronized void removeAll() {
        new LinkedHashMap<>(all).keySet().forEach(this::remove);
    }
}
