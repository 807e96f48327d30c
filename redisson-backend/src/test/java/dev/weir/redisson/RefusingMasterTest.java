package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A master that answers, and decides nothing. In a cluster the store stays up, because the others go on.
 */
class RefusingMasterTest {

    private static final int LIMIT = 10;
    private static final RedisKeys KEYS = new RedisKeys(RedissonSettings.DEFAULT_SHARDS);

    /** Why it decides nothing. */
    private interface Trouble {

        /** @return what ends it */
        Runnable begin(RedisCluster cluster, String key);
    }

    /** With the permits that the client takes before. */
    static Stream<Arguments> troubles() {
        Trouble memoryFull = (cluster, key) -> set(master(cluster, key), "maxmemory");
        Trouble fewReplicas = (cluster, key) -> set(master(cluster, key), "min-replicas-to-write");
        Trouble endlessScript = (cluster, key) -> endlessScript(master(cluster, key));
        return Stream.of(
                argumentSet("memory full", memoryFull, 0),
                argumentSet("too few replicas", fewReplicas, 0),
                argumentSet("a script that does not end", endlessScript, 0),
                argumentSet("a slot that moves, of a key that is nowhere", (Trouble) RefusingMasterTest::move, 0),
                argumentSet("a slot that moves, of a key that is there", (Trouble) RefusingMasterTest::move, 1));
    }

    private static RedisServer master(RedisCluster cluster, String key) {
        return cluster.masters().get(cluster.masterOf(key));
    }

    private static Runnable set(RedisServer master, String parameter) {
        master.send("CONFIG", "SET", parameter, "1");
        return () -> master.send("CONFIG", "SET", parameter, "0");
    }

    private static Runnable endlessScript(RedisServer master) {
        master.send("CONFIG", "SET", "busy-reply-threshold", "1");
        CompletableFuture.runAsync(() -> master.send("EVAL", "while true do end", "0"));
        Awaitility.await()
                .untilAsserted(() ->
                        assertThatThrownBy(() -> master.send("GET", "any")).hasMessageContaining("BUSY"));
        return () -> master.send("SCRIPT", "KILL");
    }

    /** For longer than a request: Redis puts off whatever has several keys that are not all in one place. */
    private static Runnable move(RedisCluster cluster, String key) {
        RedisCluster.Move move = cluster.move(key, cluster.masterOf(RedisKeys.INSTANCES));
        move.begin();
        return move::end;
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void whatItsClientsGetMeanwhile_isChargedAfterwards(Trouble trouble, int before, @TempDir Path directory) {
        try (RedisCluster cluster = RedisCluster.start()) {
            Map<String, String> settings =
                    Map.of("weir.redisson.config", cluster.config(directory).toString());
            String client = clientOfAnotherMasterThanHeartbeats(cluster);
            try (RedissonStore store = Opened.store(settings);
                    Weir weir = Weir.builder()
                            .store(store)
                            .storeDeadline(Duration.ofSeconds(2))
                            .policy(Policy.of("search", Limit.tokenBucket(LIMIT, Duration.ofDays(1))))
                            .build()) {
                RateLimiter search = weir.limiter("search");
                for (int i = 0; i < before; i++) {
                    assertThat(search.tryAcquire(client).remaining()).isEqualTo(LIMIT - 1 - i);
                }
                Runnable end = trouble.begin(cluster, KEYS.usage(client, "search"));
                for (int i = before; i < LIMIT; i++) {
                    assertThat(search.allow(client)).isTrue();
                }
                assertThat(search.allow(client)).isFalse();
                assertThat(weir.storeUp()).isTrue();

                end.run();

                assertThat(search.allow(client)).isFalse();
                assertThat(search.tryAcquire(client).remaining()).isZero();
            }
        }
    }

    private static String clientOfAnotherMasterThanHeartbeats(RedisCluster cluster) {
        int heartbeats = cluster.masterOf(RedisKeys.INSTANCES);
        return Stream.iterate(0, i -> i + 1)
                .map(i -> "client-" + i)
                .filter(id -> cluster.masterOf(KEYS.usage(id, "search")) != heartbeats)
                .findFirst()
                .orElseThrow();
    }
}
