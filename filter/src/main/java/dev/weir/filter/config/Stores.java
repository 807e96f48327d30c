package dev.weir.filter.config;

import dev.weir.memory.MemoryStore;
import dev.weir.store.Store;
import dev.weir.store.StoreProvider;
import java.util.Collection;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The stores that configuration can choose: this process's memory, and those whose jars are on the class path. */
public final class Stores {

    private static final String MEMORY = "memory";

    private final Map<String, StoreProvider> providers = new TreeMap<>();

    public Stores(Iterable<StoreProvider> providers) {
        providers.forEach(provider -> this.providers.put(provider.name(), provider));
    }

    public static Stores onClassPath() {
        return new Stores(ServiceLoader.load(StoreProvider.class));
    }

    Collection<String> names() {
        Set<String> names = new TreeSet<>(providers.keySet());
        names.add(MEMORY);
        return names;
    }

    public Set<String> keys() {
        return providers.values().stream()
                .flatMap(provider -> provider.keys().stream())
                .collect(Collectors.toSet());
    }

    /** What is given for the keys of a store. */
    Map<String, String> settings(String store, ConfigSnapshot given) {
        StoreProvider provider = providers.get(store);
        Map<String, String> settings = new TreeMap<>();
        if (provider != null) {
            for (String key : provider.keys()) {
                ConfigSnapshot.Value value = given.values().get(key);
                if (value != null) {
                    settings.put(key, value.text());
                }
            }
        }
        return settings;
    }

    /**
     * Checks the settings of one of the {@link #names}; nothing is opened.
     *
     * @throws IllegalArgumentException if a setting is wrong
     */
    void check(String store, Map<String, String> settings) {
        StoreProvider provider = providers.get(store);
        if (provider != null) {
            provider.check(settings);
        }
    }

    /**
     * Opens one of the {@link #names}.
     *
     * @throws IllegalArgumentException if a setting is wrong
     */
    Store open(String store, Map<String, String> settings) {
        StoreProvider provider = providers.get(store);
        return provider == null ? new MemoryStore() : provider.open(settings);
    }
}
