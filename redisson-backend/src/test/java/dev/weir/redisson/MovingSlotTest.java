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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A slot that moves to another master, for longer than a request. Redis answers TRYAGAIN meanwhile to whatever has
 * several keys of it that are not all in one place, and decides nothing.
 */
class MovingSlotTest {

    private static final int LIMIT = 10;
    private static final RedisKeys KEYS = new RedisKeys(RedissonSettings.DEFAULT_SHARDS);

    /** @param before how many permits a client takes before the move; without any, its key is in neither place */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatItsClientsGetMeanwhile_isChargedAfterwards(int before, @TempDir Path directory) {
        try (RedisCluster cluster = RedisCluster.start()) {
            int heartbeats = cluster.masterOf(RedisKeys.INSTANCES);
            String client = Stream.iterate(0, i -> i + 1)
                    .map(i -> "client-" + i)
                    .filter(id -> cluster.masterOf(KEYS.usage(id, "search")) != heartbeats)
                    .findFirst()
                    .orElseThrow();
            try (RedissonStore store = Opened.store(Map.of(
                            "weir.redisson.config", cluster.config(directory).toString()));
                    Weir weir = Weir.builder()
                            .store(store)
                            .storeDeadline(Duration.ofSeconds(2))
                            .policy(Policy.of("search", Limit.tokenBucket(LIMIT, Duration.ofDays(1))))
                            .build()) {
                RateLimiter search = weir.limiter("search");
                for (int i = 0; i < before; i++) {
                    assertThat(search.tryAcquire(client).remaining()).isEqualTo(LIMIT - 1 - i);
                }
                RedisCluster.Move move = cluster.move(KEYS.usage(client, "search"), heartbeats);
                move.begin();
                for (int i = before; i < LIMIT; i++) {
                    assertThat(search.allow(client)).isTrue();
                }

                move.end();

                assertThat(search.allow(client)).isFalse();
                assertThat(search.tryAcquire(client).remaining()).isZero();
                assertThat(weir.storeUp()).isTrue();
            }
        }
    }
}
