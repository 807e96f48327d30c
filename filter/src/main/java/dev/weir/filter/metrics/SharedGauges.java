package dev.weir.filter.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gauges in a registry that several web applications may share, each perhaps with a copy of this class. A registry
 * shows one gauge of a name: that of the application which came first. When it ends and takes its own away, another one
 * puts its own there ({@link #refresh}). Looking and registering are one step under the registry's lock, which all
 * copies share: a registry answers a second registration with the first one's gauge, which would then be taken for
 * one's own.
 */
final class SharedGauges {

    /** A registry, as far as gauges go. */
    interface Registry {

        /** The gauge of a series, whichever application has registered it; null if there is none. */
        @Nullable Object find(Series series);

        /** Registers a gauge, and returns it as {@link #find} does. */
        Object register(Series series, Supplier<? extends Number> value);

        void remove(Series series);
    }

    private final Object lock;
    private final Registry registry;
    private final Map<Series, Supplier<? extends Number>> all = new LinkedHashMap<>();
    private final Map<Series, Object> own = new LinkedHashMap<>();

    /** @param lock the registry itself, which other applications see too */
    SharedGauges(Object lock, Registry registry) {
        this.lock = lock;
        this.registry = registry;
    }

    synchronized void show(Series series, Supplier<? extends Number> value) {
        all.put(series, value);
        refresh();
    }

    /** Registers again what the registry has lost. */
    synchronized void refresh() {
        synchronized (lock) {
            all.forEach((series, value) -> {
                if (registry.find(series) == null) {
                    own.put(series, registry.register(series, value));
                }
            });
        }
    }

    synchronized void remove(Series series) {
        all.remove(series);
        Object gauge = own.remove(series);
        synchronized (lock) {
            if (gauge != null && registry.find(series) == gauge) {
                registry.remove(series);
            }
        }
    }

    /** Takes away what is shown from here: it holds on to the limiter. */
    synchronized void removeAll() {
        new LinkedHashMap<>(all).keySet().forEach(this::remove);
    }
}
