package dev.weir.store;

import java.util.Map;
import java.util.Set;

/**
 * Opens a store from settings. Found by {@link java.util.ServiceLoader}: adding the jar and naming the store is all.
 */
public interface StoreProvider {

    /** The name by which configuration chooses this store, for instance {@code redisson}. */
    String name();

    /** The configuration keys that this store knows, for instance {@code weir.redisson.uri}. */
    Set<String> keys();

    /**
     * Checks settings without opening the store: nothing is connected to, and nothing written. So all that is wrong
     * with a configuration can be said at once, before any of it has an effect. Checks nothing unless overridden.
     *
     * @param settings the values of those {@link #keys} that are set
     * @throws IllegalArgumentException if a value is wrong; the message names key, value and what is allowed
     */
    default void check(Map<String, String> settings) {}

    /**
     * Opens the store. Does not wait for a server that is away: the store may connect later, and fails until then.
     *
     * @param settings the values of those {@link #keys} that are set
     * @throws IllegalArgumentException if a value is wrong; the message names key, value and what is allowed
     */
    Store open(Map<String, String> settings);
}
