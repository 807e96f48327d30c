package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A master that answers, and decides nothing: its memory is full, too few replicas follow, or a script of another
 * application does not end. In a cluster the store stays up, because the others go on.
 */
class RefusingMasterTest {

    private static final RedisKeys KEYS = new RedisKeys(RedissonSettings.DEFAULT_SHARDS);

    private enum Trouble {
        MEMORY_FULL {
            @Override
            void begin(RedisServer master) {
                master.send("CONFIG", "SET", "maxmemory", "1");
            }

            @Override
            void end(RedisServer master) {
                master.send("CONFIG", "SET", "maxmemory", "0");
            }
        },
        TOO_FEW_REPLICAS {
            @Override
            void begin(RedisServer master) {
                master.send("CONFIG", "SET", "min-replicas-to-write", "1");
            }

            @Override
            void end(RedisServer master) {
                master.send("CONFIG", "SET", "min-replicas-to-write", "0");
            }
        },
        ENDLESS_SCRIPT {
            @Override
            void begin(RedisServer master) {
                master.send("CONFIG", "SET", "busy-reply-threshold", "1");
                CompletableFuture.runAsync(() -> master.send("EVAL", "while true do end", "0"));
                Awaitility.await()
                        .untilAsserted(() -> assertThatThrownBy(() -> master.send("GET", "any"))
                                .hasMessageContaining("BUSY"));
            }

            @Override
            void end(RedisServer master) {
                master.send("SCRIPT", "KILL");
            }
        };

        abstract void begin(RedisServer master);

        abstract void end(RedisServer master);
    }

    @ParameterizedTest
    @EnumSource
    void whatItsClientsGetMeanwhile_isChargedAfterwards(Trouble trouble, @TempDir Path directory) {
        try (RedisCluster cluster = RedisCluster.start()) {
            Map<String, String> settings =
                    Map.of("weir.redisson.config", cluster.config(directory).toString());
            int heartbeats = cluster.masterOf(RedisKeys.INSTANCES);
            String client = Stream.iterate(0, i -> i + 1)
                    .map(i -> "client-" + i)
                    .filter(id -> cluster.masterOf(KEYS.usage(id, "search")) != heartbeats)
                    .findFirst()
                    .orElseThrow();
            RedisServer master = cluster.masters().get(cluster.masterOf(KEYS.usage(client, "search")));
            try (RedissonStore store = Opened.store(settings);
                    Weir weir = Weir.builder()
                            .store(store)
                            .storeDeadline(Duration.ofSeconds(2))
                            .policy(Policy.of("search", Limit.tokenBucket(10, Duration.ofDays(1))))
                            .build()) {
                RateLimiter search = weir.limiter("search");
                trouble.begin(master);
                for (int i = 0; i < 10; i++) {
                    assertThat(search.allow(client)).isTrue();
                }
                assertThat(search.allow(client)).isFalse();
                assertThat(weir.storeUp()).isTrue();

                trouble.end(master);

                assertThat(search.allow(client)).isFalse();
                assertThat(search.tryAcquire(client).remaining()).isZero();
            }
        }
    }
}
