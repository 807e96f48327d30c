package dev.weir.cdi;

import dev.weir.redisson.RedissonStore;
import dev.weir.store.Store;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;

/** The store on the application's {@link RedissonClient}, which stays the application's. */
@Dependent
class RedissonClientStore implements ClientStore {

    private static final Logger LOG = System.getLogger(RedissonClientStore.class.getName());
    private static final String STORE = "weir.store";

    private final Instance<RedissonClient> clients;

    @Inject
    RedissonClientStore(Instance<RedissonClient> clients) {
        this.clients = clients;
    }

    /**
     * Configuration goes first: where it names another store, or a Redis for this one, the client is not meant.
     *
     * @throws IllegalArgumentException if the number of shards, their secret or the prefix is wrong
     */
    @Override
    public @Nullable Store store(Config config) {
        if (clients.isUnsatisfied()) {
            return null;
        }
        String store = value(config, STORE);
        if (store != null && !store.equals("redisson")) {
            return null;
        }
        String named = Stream.of("weir.redisson.uri", "weir.redisson.config")
                .filter(key -> value(config, key) != null)
                .findFirst()
                .orElse(null);
        if (named != null) {
            LOG.log(Level.INFO, "{0} is set, so the application''s RedissonClient bean is not used", named);
            return null;
        }
        return RedissonStore.using(clients.get(), key -> value(config, key));
    }

    private static @Nullable String value(Config config, String key) {
        String value = config.getConfigValue(key).getValue();
        return value == null || value.isBlank() ? null : value.strip();
    }
}
