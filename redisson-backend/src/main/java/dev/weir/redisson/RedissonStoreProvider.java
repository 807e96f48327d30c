package dev.weir.redisson;

import dev.weir.store.StoreProvider;
import java.util.Map;
import java.util.Set;
import org.redisson.Redisson;

/**
 * Opens a {@link RedissonStore} from settings; found by name, {@code redisson}.
 *
 * <table>
 * <caption>Settings</caption>
 * <tr><th>key</th><th>value</th><th>default</th></tr>
 * <tr><td>{@code weir.redisson.uri}</td><td>one server: {@code redis://[[user]:password@]host[:port][/database]}, or
 *     {@code rediss://} for TLS</td><td>{@code redis://127.0.0.1:6379}</td></tr>
 * <tr><td>{@code weir.redisson.config}</td><td>a Redisson YAML file, for a cluster, sentinels, certificates; excludes
 *     the URI. Its retries and its delay between reconnections are bounded by the store</td><td>none</td></tr>
 * <tr><td>{@code weir.redis.shards}</td><td>over how many shards clients are spread, 1 to 16,384; the same on every
 *     instance, for good</td><td>64</td></tr>
 * </table>
 */
public final class RedissonStoreProvider implements StoreProvider {

    @Override
    public String name() {
        return "redisson";
    }

    @Override
    public Set<String> keys() {
        return RedissonSettings.KEYS;
    }

    @Override
    public void check(Map<String, String> settings) {
        RedissonSettings.of(settings);
    }

    /**
     * Opens the store. Waits until the first attempt to connect has succeeded or failed, 10 s at most. If Redis is
     * away, the log says so, and the store connects by itself later.
     *
     * @throws IllegalArgumentException if a value is wrong, or is not the number of shards that Redis is already used
     *     with; the message names key, value and what is allowed
     */
    @Override
    public RedissonStore open(Map<String, String> settings) {
        RedissonSettings checked = RedissonSettings.of(settings);
        return RedissonStore.open(() -> Redisson.create(checked.config()), true, checked.shards(), checked.target());
    }
}
