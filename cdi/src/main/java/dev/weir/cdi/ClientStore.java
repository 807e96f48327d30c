package dev.weir.cdi;

import dev.weir.store.Store;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/** Makes a store of a client of a server that the application has as a bean. */
interface ClientStore {

    /** Null if there is no such bean, or if configuration names another store. */
    @Nullable Store store(Config config);
}
