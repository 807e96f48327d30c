package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.WeirBuilder;
import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Redis that loses who lives, and then dies: the instances together permit what one limit permits. */
class LostInstancesTest {

    private static final int PERMITS = 100;
    private static final Limit LIMIT = Limit.tokenBucket(PERMITS, Duration.ofDays(1));

    /** Two heartbeats of each instance. */
    private static final Duration A_WHILE = Duration.ofMillis(1_200);

    private final List<Weir> opened = new ArrayList<>();
    private final RedisServer redis = RedisServer.start();

    @AfterEach
    void close() {
        opened.forEach(Weir::close);
        redis.close();
    }

    private Weir open() {
        return open(Weir.builder());
    }

    private Weir open(WeirBuilder builder) {
        Weir weir = builder.store(Opened.store(Map.of(RedissonSettings.URI, redis.uri())))
                .policy(Policy.of("search", LIMIT))
                .leasing(Leasing.OFF)
                .build();
        opened.add(weir);
        return weir;
    }

    private long admittedWithoutRedis() {
        redis.kill();
        await().until(() -> opened.stream().noneMatch(Weir::storeUp));
        return opened.stream()
                .mapToLong(weir -> IntStream.range(0, 2 * PERMITS)
                        .filter(i -> weir.limiter("search").allow("a stranger"))
                        .count())
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEL weir:{all}:instances", "FLUSHALL", "PEXPIRE weir:{all}:instances 1"})
    void whoLivesIsLostAgainAndAgain_countedAsBefore(String loss) throws InterruptedException {
        Weir one = open();
        Weir other = open();
        await().until(() -> one.instances() == 2 && other.instances() == 2);

        long endNanos = System.nanoTime() + A_WHILE.toNanos();
        while (System.nanoTime() < endNanos) {
            redis.send(loss.split(" "));
            assertThat(List.of(one.instances(), other.instances())).containsOnly(2);
            Thread.sleep(5);
        }

        assertThat(admittedWithoutRedis()).isBetween(PERMITS - 2L, (long) PERMITS);
    }

    @Test
    void instanceThatLeaves_noLongerCountedAfterAWhile() {
        Weir one = open();
        Weir other = open();
        await().until(() -> one.instances() == 2 && other.instances() == 2);

        other.close();
        opened.remove(other);

        await().during(A_WHILE).until(() -> one.instances() == 2);
        await().until(() -> one.instances() == 1);
    }

    /** What has a time to live is the first to go where the memory is full. */
    @Test
    void whoLives_isKeptWhereVolatilePoliciesEvictNothing() {
        open();

        assertThat(redis.send("TTL", RedisKeys.INSTANCES)).isEqualTo(-1L);
    }

    @Test
    void floor_holdsFromTheStartOn_andIsChangedLive() {
        Weir alone = open(Weir.builder().minInstances(4));
        assertThat(alone.instances()).isEqualTo(4);

        alone.minInstances(5);

        assertThat(alone.instances()).isEqualTo(5);
        assertThat(admittedWithoutRedis()).isEqualTo(PERMITS / 5);
    }
}
