package dev.weir.spring;

import dev.weir.redisson.RedissonStore;
import dev.weir.store.Store;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Which Redis holds the limits, the first of: the one that {@code weir.redisson.*} names; the {@link RedissonClient}
 * bean, which stays the application's; the one that {@code spring.data.redis.*} names, if {@code weir.store=redisson}.
 *
 * @param clients the application's clients
 * @param spring what {@code spring.data.redis.*} says
 */
record RedissonChoice(ObjectProvider<RedissonClient> clients, SpringRedis spring) implements SharedStore {

    private static final Logger LOG = System.getLogger(RedissonChoice.class.getName());
    private static final String STORE = "weir.store";

    @Override
    public Map<String, String> defaults() {
        return spring.uri()
                .<Map<String, String>>map(uri -> Map.of("weir.redisson.uri", uri))
                .orElse(Map.of());
    }

    @Override
    public Optional<Store> open(Config config) {
        String store = value(config, STORE);
        boolean isNamed = value(config, "weir.redisson.uri") != null || value(config, "weir.redisson.config") != null;
        if (isNamed || (store != null && !store.equals("redisson"))) {
            return Optional.empty();
        }
        RedissonClient client = client();
        if (client != null) {
            LOG.log(Level.INFO, "limits are shared over the application''s RedissonClient");
            return Optional.of(RedissonStore.using(client, key -> value(config, key)));
        }
        return store == null
                ? Optional.empty()
                : spring.servers()
                        .map(servers -> RedissonStore.connecting(
                                servers, spring.username(), spring.password(), key -> value(config, key)));
    }

    private @Nullable RedissonClient client() {
        RedissonClient client = clients.getIfUnique();
        if (client == null && clients.stream().findAny().isPresent()) {
            throw new IllegalArgumentException("there are several RedissonClient beans, and none is @Primary: make one"
                    + " that, or set weir.store=memory or weir.redisson.uri");
        }
        return client;
    }

    private static @Nullable String value(Config config, String key) {
        return Optional.ofNullable(config.getConfigValue(key).getValue())
                .filter(text -> !text.isBlank())
                .map(String::strip)
                .orElse(null);
    }
}
