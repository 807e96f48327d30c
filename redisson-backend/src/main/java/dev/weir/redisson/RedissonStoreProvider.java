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
 * <tr><td>{@code weir.redisson.password-file}</td><td>a file with the password, one line of 1 to 1,024 bytes
 *     in UTF-8; read for every new connection, so it may change meanwhile. Not with sentinels</td><td>none</td></tr>
 * <tr><td>{@code weir.redis.shards}</td><td>over how many shards clients are spread, 1 to 16,384; the same on every
 *     instance, for good</td><td>64</td></tr>
 * <tr><td>{@code weir.redis.shard-secret}</td><td>16 to 1,024 random bytes in UTF-8, with which strangers who
 *     choose their ids cannot choose their shards; the same on every instance, for good</td><td>none</td></tr>
 * <tr><td>{@code weir.redis.prefix}</td><td>what all keys in Redis begin with, before a colon, so that applications on
 *     one Redis are kept apart; the same on every instance. 1 to 64 letters, digits, dots, hyphens, underscores and
 *     colons</td><td>none</td></tr>
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
        settings(settings);
    }

    /**
     * Opens the store. Waits until the first attempt to connect has succeeded or failed, 30 s at most. If Redis is
     * away, the log says so, and the store connects by itself later.
     *
     * @throws IllegalArgumentException if Redisson is older than 3.52.0, or if a value is wrong, or Redis is
     *     already used with other shards; the message names key, value and what is allowed, and no secret
     */
    @Override
    public RedissonStore open(Map<String, String> settings) {
        RedissonSettings checked = settings(settings);
        return RedissonStore.open(() -> Redisson.create(checked.config()), true, checked.keys(), checked.target());
    }

    private static RedissonSettings settings(Map<String, String> settings) {
        RedissonVersion.require();
        try {
            return RedissonSettings.of(settings);
        } catch (LinkageError e) {
            throw RedissonVersion.unfit(e);
        }
    }
}
