package dev.weir.spring;

import dev.weir.store.Store;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/** A store that the application's own beans and properties lead to, where the keys of Weir do not name one. */
interface SharedStore {

    /** Without a store on the class path that could be shared. */
    SharedStore NONE = config -> Optional.empty();

    /**
     * Opens the store; empty if the keys of Weir, or their defaults, decide. The caller closes it.
     *
     * @throws IllegalArgumentException if it cannot be opened as the application says
     */
    Optional<Store> open(Config config);

    /** Values of keys of Weir that the application says in its own way. */
    default Map<String, String> defaults() {
        return Map.of();
    }
}
