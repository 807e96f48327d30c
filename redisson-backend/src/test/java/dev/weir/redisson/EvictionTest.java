package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Weir;
import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

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

    /** By a clock of the test's own: the lines come at most once a minute. */
    @ParameterizedTest
    @ValueSource(strings = {"allkeys-lru", "volatile-ttl"})
    void evictsWhileRunning_degradedAndWarnedOfOnceAMinute_untilItEnds(String policy) {
        start(policy);
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri());
        RedissonClient client = Redisson.create(config);
        try {
            AtomicLong nowNanos = new AtomicLong();
            Evictions evictions = new Evictions("the Redis of this test", nowNanos::get);
            int before = log.all().size();
            evictions.look(client).join();
            long evictedBefore = info("evicted_keys");
            int silent = policy.equals("allkeys-lru") ? before + 1 : before; // Of the policy alone.
            assertThat(log.all()).hasSize(silent);
            assertThat(evictions.degraded()).isEmpty();

            fill();
            for (int seconds = 0; seconds < 60; seconds += 10) {
                squeeze();
                nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
                evictions.look(client).join();
                assertThat(evictions.degraded()).get().asString().contains(policy, "start anew");
                assertThat(log.all()).hasSize(silent + 1);
            }
            assertThat(log.atLeastWarnings().get(log.atLeastWarnings().size() - 1))
                    .contains("the Redis of this test has evicted", policy, "set noeviction");
            squeeze();
            nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
            evictions.look(client).join();
            assertThat(log.atLeastWarnings()).hasSize(silent + 2);

            redis.send("CONFIG", "SET", "maxmemory", "0"); // None is evicted from now on.
            nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(59));
            evictions.look(client).join();
            assertThat(evictions.degraded()).isPresent();
            nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(11));
            evictions.look(client).join();
            assertThat(evictions.degraded()).isEmpty();
            assertThat(log.all())
                    .hasSize(silent + 3)
                    .last()
                    .asString()
                    .startsWith("INFO")
                    .contains("has evicted no keys");
            assertThat(evictions.total())
                    .as("counts on when it is over")
                    .isPositive()
                    .isEqualTo(info("evicted_keys") - evictedBefore);
        } finally {
            client.shutdown();
        }
    }

    @Test
    void masterDoesNotAnswerForOnce_itsPolicyIsNotWarnedOfAgain() {
        start("allkeys-lru");
        AtomicLong nowNanos = new AtomicLong();
        Evictions evictions = new Evictions("the Redis", nowNanos::get);
        Config config = new Config();
        config.useSingleServer()
                .setAddress(redis.uri())
                .setConnectionMinimumIdleSize(1)
                .setTimeout(2_000)
                .setRetryAttempts(0);
        RedissonClient client = Redisson.create(config);
        try {
            evictions.look(client).join();
            List<String> said = log.atLeastWarnings();
            assertThat(said).last().asString().contains("the Redis", "allkeys-lru");

            redis.pause();
            nowNanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
            evictions.look(client).join();
            redis.resume();
            nowNanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
            await().ignoreExceptions().until(() -> !client.getBucket("there").isExists()); // It answers again.
            evictions.look(client).join();

            assertThat(log.atLeastWarnings()).isEqualTo(said);
        } finally {
            client.shutdown();
        }
    }

    @Test
    void policyChangedWhileRunning_andKeysEvicted_theLimiterSaysSo() {
        start("noeviction");
        try (Weir weir = Weir.builder().store(store).build()) {
            assertThat(log.all()).isEmpty();
            redis.send("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
            fill();

            await().atMost(Duration.ofSeconds(25))
                    .until(() -> weir.storeDegraded().isPresent());

            assertThat(weir.storeUp()).isTrue();
            assertThat(weir.storeDegraded()).get().asString().contains("allkeys-random");
            assertThat(weir.storeCounts().evictedKeys()).isPositive();
            assertThat(log.atLeastWarnings())
                    .hasSize(2)
                    .allMatch(line -> line.contains("allkeys-random") && line.contains("noeviction"));
        }
    }

    @Test
    void userWhoMayNotAsk_saidOnce_andNoFailure() {
        redis = RedisServer.start();
        redis.send("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", "-info");

        store = Opened.store(Map.of("weir.redisson.uri", redis.uri().replace("//", "//app:secret@")));

        assertThat(log.all())
                .singleElement()
                .asString()
                .startsWith("INFO")
                .contains("cannot be known", "NOPERM", "needs the command INFO");
        assertThat(store.degraded()).isEmpty();
    }

    @Test
    void cluster_oneMasterThatEvicts_isSeen(@TempDir Path directory) throws Exception {
        redis = RedisServer.start(); // Only to be closed.
        try (RedisCluster cluster = RedisCluster.start()) {
            cluster.masters().forEach(master -> master.send("CONFIG", "SET", "maxmemory-policy", "volatile-random"));
            store = Opened.store(
                    Map.of("weir.redisson.config", cluster.config(directory).toString()));
            assertThat(log.atLeastWarnings()).singleElement().asString().contains("volatile-random");
            RedisServer last = cluster.masters().get(2);
            useUp(DAILY);
            last.send("CONFIG", "SET", "maxmemory", "1");
            await().until(() -> !((String) last.send("INFO", "stats")).contains("evicted_keys:0\r"));
            last.send("CONFIG", "SET", "maxmemory", "0");

            await().atMost(Duration.ofSeconds(25)).until(() -> {
                store.heartbeat("an instance").join();
                return store.degraded().isPresent();
            });
            store.close();
        }
    }

    @Test
    void sentinels_theirMasterIsAsked(@TempDir Path directory) {
        redis = RedisServer.start(); // Only to be closed.
        try (RedisSentinels sentinels = RedisSentinels.start()) {
            sentinels.master().send("CONFIG", "SET", "maxmemory-policy", "volatile-lru");

            store = Opened.store(
                    Map.of("weir.redisson.config", sentinels.config(directory).toString()));

            assertThat(log.all()).singleElement().asString().contains("volatile-lru");
            store.close();
        }
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
        redis.send("CONFIG", "SET", "maxmemory", Long.toString(info("used_memory") + ROOM));
        long failed = 0;
        for (int i = 0; i < OTHERS; i += AT_ONCE) {
            List<CompletableFuture<StoreReply>> answers = IntStream.range(i, i + AT_ONCE)
                    .mapToObj(other -> ask("other-" + other, limit, 1))
                    .toList();
            failed += answers.stream().filter(EvictionTest::hasFailed).count();
        }
        return failed;
    }

    /** Takes some of its memory away, and so evicts some keys more. */
    private void squeeze() {
        long before = info("evicted_keys");
        redis.send("CONFIG", "SET", "maxmemory", Long.toString(info("used_memory") - ROOM / 16));
        await().until(() -> info("evicted_keys") > before);
    }

    private long info(String field) {
        Matcher value = Pattern.compile(field + ":(\\d+)").matcher((String) redis.send("INFO"));
        assertThat(value.find()).isTrue();
        return Long.parseLong(value.group(1));
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
