package dev.weir.cdi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.RateLimiter;
import dev.weir.redisson.RedisExtension;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** An application that has a client of Redis as a bean. */
class RedissonClientTest {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static final String LIMIT = "weir.policy.search.limit";
    private static final String PERIOD = "weir.policy.search.period";
    private static final String DEADLINE = "weir.store-deadline";

    private static RedissonClient client;

    @Singleton
    static class Search {

        @Inject
        @PolicyName("search")
        RateLimiter limiter;
    }

    static class Clients {

        @Produces
        @Singleton
        RedissonClient client() {
            return client;
        }
    }

    @BeforeEach
    void connect() {
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri());
        client = Redisson.create(config);
    }

    @AfterEach
    void disconnect() {
        client.shutdown();
    }

    private static boolean allows(Application application) {
        return application.get(Search.class).limiter.allow("alice");
    }

    private static long keys() {
        return (long) redis.send("DBSIZE");
    }

    @Test
    void clientBean_isTheStore_andStaysOpen() {
        Map<String, String> two = Map.of(DEADLINE, "10s", LIMIT, "2", PERIOD, "1h");
        try (Application application = Application.start(two, Search.class, Clients.class)) {
            assertThat(allows(application)).isTrue();
            assertThat(keys()).isPositive();
        }
        assertThat(client.isShutdown()).isFalse();

        try (Application next = Application.start(two, Search.class, Clients.class)) {
            assertThat(allows(next)).isTrue();
            assertThat(allows(next)).isFalse();
        }
        assertThat(client.isShutdown()).isFalse();
    }

    @Test
    void clientBean_configurationNamesTheMemoryStore_isNotUsed() {
        Map<String, String> inMemory = Map.of(DEADLINE, "10s", LIMIT, "2", PERIOD, "1h", "weir.store", "memory");
        try (Application application = Application.start(inMemory, Search.class, Clients.class)) {
            assertThat(allows(application)).isTrue();
            assertThat(keys()).isZero();
        }
    }

    @Test
    void clientBean_watchedFileNamesTheMemoryStore_isNotUsed(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("limits.properties"), "weir.store=memory");
        Map<String, String> watched =
                Map.of(DEADLINE, "10s", LIMIT, "2", PERIOD, "1h", "weir.config.file", file.toString());
        try (Application application = Application.start(watched, Search.class, Clients.class)) {
            assertThat(allows(application)).isTrue();
            assertThat(keys()).isZero();
        }
    }

    @Test
    void clientBean_numberOfShards_isTheConfigured() {
        Map<String, String> sharded = Map.of(DEADLINE, "10s", LIMIT, "2", PERIOD, "1h", "weir.redis.shards", "7");
        try (Application application = Application.start(sharded, Search.class, Clients.class)) {
            assertThat(allows(application)).isTrue();
            assertThat(redis.send("GET", "weir:{all}:shards").toString()).contains("7");
        }
    }

    @Test
    void clientBean_prefix_isTheConfigured() {
        Map<String, String> prefixed = Map.of(DEADLINE, "10s", LIMIT, "2", PERIOD, "1h", "weir.redis.prefix", "shop");
        try (Application application = Application.start(prefixed, Search.class, Clients.class)) {
            assertThat(allows(application)).isTrue();
            assertThat(client.getKeys().getKeys()).isNotEmpty().allMatch(key -> key.startsWith("shop:"));
        }
    }
}
