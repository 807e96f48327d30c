package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients at their limit, in a real Redis whose memory is then filled by others: what each {@code maxmemory-policy}
 * makes of them.
 */
@Timeout(120)
class EvictionTest {

    private static final Limit DAILY = Limit.tokenBucket(10, Duration.ofDays(1));

    /** Used up, it is whole again after 10 minutes: before a daily limit of which 1 permit is used, after 2.4 hours. */
    private static final Limit MINUTELY = Limit.tokenBucket(10, Duration.ofMinutes(10));

    private static final Limit WINDOW = Limit.fixedWindow(10, Duration.ofDays(1));

    private static final int VICTIMS = 20;

    /** Room for about a third of the others. */
    private static final long ROOM = 512 * 1_024;

    private static final int OTHERS = 12_000;
    private static final int AT_ONCE = 500;

    private final LogLines log = new LogLines();
    private RedisServer redis;
    private RedissonStore store;

    private void start(String policy) {
        redis = RedisServer.start("--maxmemory-policy", policy);
        store = Opened.store(Map.of("weir.redisson.uri", redis.uri()));
    }

    @AfterEach
    void close() {
        store.close();
        redis.close();
        log.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random"
            })
    void evictsUsage_warnedOfAndClientsAtTheirLimitStartAnew(String policy) {
        start(policy);
        assertThat(log.atLeastWarnings())
                .singleElement()
                .asString()
                .contains(policy, "clients at their limit start anew", "set noeviction or volatile-ttl");
        useUp(DAILY);

        assertThat(fill()).isZero();

        assertThat(admittedAgain(DAILY)).isPositive();
    }

    @Test
    void noeviction_silentAndNobodyStartsAnew() {
        start("noeviction");
        assertThat(log.all()).isEmpty();
        useUp(DAILY);

        assertThat(fill()).isPositive();

        redis.send("CONFIG", "SET", "maxmemory", "0");
        assertThat(admittedAgain(DAILY)).isZero();
    }

    @Test
    void volatileTtl_silentAndOnlyWhatIsWholeSoonestStartsAnew() {
        start("volatile-ttl");
        assertThat(log.all()).isEmpty();
        useUp(DAILY);
        useUp(MINUTELY);

        assertThat(fill()).isZero();

        assertThat(admittedAgain(DAILY)).isZero();
        assertThat(admittedAgain(MINUTELY))
                .as("these end before what the others have used")
                .isPositive();
    }

    /** What clients have used of one window expires all at once, so nothing tells one at its limit from a stranger. */
    @Test
    void volatileTtl_fixedWindow_clientsAtTheirLimitStartAnew() {
        start("volatile-ttl");
        useUp(WINDOW);

        assertThat(fill(WINDOW)).isZero();

        assertThat(admittedAgain(WINDOW)).isPositive();
    }

    private void useUp(Limit limit) {
        for (int i = 0; i < VICTIMS; i++) {
            assertThat(admitted(ask("victim-" + i, limit, 10))).isTrue();
        }
    }

    private long admittedAgain(Limit limit) {
        return IntStream.range(0, VICTIMS)
                .filter(i -> admitted(ask("victim-" + i, limit, 1)))
                .count();
    }

    private long fill() {
        return fill(DAILY);
    }

    /** @return how many calls have failed */
    private long fill(Limit limit) {
        Matcher used = Pattern.compile("used_memory:(\\d+)").matcher((String) redis.send("INFO", "memory"));
        assertThat(used.find()).isTrue();
        redis.send("CONFIG", "SET", "maxmemory", Long.toString(Long.parseLong(used.group(1)) + ROOM));
        long failed = 0;
        for (int i = 0; i < OTHERS; i += AT_ONCE) {
            List<CompletableFuture<StoreReply>> answers = IntStream.range(i, i + AT_ONCE)
                    .mapToObj(other -> ask("other-" + other, limit, 1))
                    .toList();
            failed += answers.stream().filter(EvictionTest::hasFailed).count();
        }
        return failed;
    }

    private static boolean hasFailed(CompletableFuture<StoreReply> answer) {
        try {
            answer.join();
            return false;
        } catch (CompletionException e) {
            assertThat(((StoreException) e.getCause()).kind()).isEqualTo(Kind.ERROR);
            return true;
        }
    }

    private CompletableFuture<StoreReply> ask(String client, Limit limit, long cost) {
        return store.tryAcquire(StoreRequest.of(client, List.of(new Charge(policy(limit), limit, cost))));
    }

    private static String policy(Limit limit) {
        return "%s-%d".formatted(limit.algorithm(), limit.period().toMinutes());
    }

    private static boolean admitted(CompletableFuture<StoreReply> answer) {
        return ((StoreReply.Decided) answer.join()).decisions().get(0).permitted();
    }
}
