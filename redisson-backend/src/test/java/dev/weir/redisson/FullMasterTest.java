package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A master that answers, and takes no writes: its memory is full, or too few replicas follow. In a cluster the store
 * stays up, because the others go on.
 */
class FullMasterTest {

    private static final RedisKeys KEYS = new RedisKeys(RedissonSettings.DEFAULT_SHARDS);

    @ParameterizedTest
    @CsvSource({"maxmemory,1,0", "min-replicas-to-write,1,0"})
    void whatItsClientsGetMeanwhile_isChargedAfterwards(
            String parameter, String refusing, String taking, @TempDir Path directory) {
        try (RedisCluster cluster = RedisCluster.start()) {
            Map<String, String> settings =
                    Map.of("weir.redisson.config", cluster.config(directory).toString());
            int heartbeats = cluster.masterOf(RedisKeys.INSTANCES);
            String client = Stream.iterate(0, i -> i + 1)
                    .map(i -> "client-" + i)
                    .filter(id -> cluster.masterOf(KEYS.usage(id, "search")) != heartbeats)
                    .findFirst()
                    .orElseThrow();
            RedisServer full = cluster.masters().get(cluster.masterOf(KEYS.usage(client, "search")));
            try (RedissonStore store = Opened.store(settings);
                    Weir weir = Weir.builder()
                            .store(store)
                            .storeDeadline(Duration.ofSeconds(2))
                            .policy(Policy.of("search", Limit.tokenBucket(10, Duration.ofDays(1))))
                            .build()) {
                RateLimiter search = weir.limiter("search");
                full.send("CONFIG", "SET", parameter, refusing);
                for (int i = 0; i < 10; i++) {
                    assertThat(search.allow(client)).isTrue();
                }
                assertThat(search.allow(client)).isFalse();
                assertThat(weir.storeUp()).isTrue();

                full.send("CONFIG", "SET", parameter, taking);

                assertThat(search.allow(client)).isFalse();
                assertThat(search.tryAcquire(client).remaining()).isZero();
            }
        }
    }
}
