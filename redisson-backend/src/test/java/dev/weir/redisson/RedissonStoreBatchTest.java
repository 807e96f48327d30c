package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.redisson.AcquireCall.Decided;
import dev.weir.redisson.AcquireCall.Failed;
import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.Charge;
import dev.weir.store.Overrides;
import dev.weir.store.StoreCounts;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Many calls at once on real servers: how many scripts run, and what is charged when something goes wrong meanwhile.
 */
@Timeout(60)
class RedissonStoreBatchTest {

    private static final Limit YEARLY = Limit.fixedWindow(100_000, Duration.ofDays(366));
    private static final Duration BACK = Duration.ofSeconds(5);

    private RedisServer redis;
    private RedissonStore store;

    private void openOnOneServer() {
        redis = RedisServer.start();
        store = Opened.store(Map.of("weir.redisson.uri", redis.uri()));
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
        if (redis != null) {
            redis.close();
        }
    }

    private CompletableFuture<List<Decision>> ask(String client) {
        return Asked.of(store, client, new Charge("search", YEARLY, 1));
    }

    private List<CompletableFuture<List<Decision>>> ask(String client, int calls) {
        return IntStream.range(0, calls).mapToObj(i -> ask(client)).toList();
    }

    @Test
    void counts_callsAndTheBatchesThatTheyWereIn() {
        openOnOneServer();
        StoreCounts before = store.counts();

        for (int i = 0; i < 5; i++) {
            ask("alice").join();
        }
        StoreCounts alone = store.counts();
        assertThat(alone.batches() - before.batches()).isEqualTo(5);
        assertThat(alone.batchedCalls() - before.batchedCalls()).isEqualTo(5);

        ask("bob", 1_000).forEach(CompletableFuture::join);
        StoreCounts together = store.counts();
        assertThat(together.batchedCalls() - alone.batchedCalls()).isEqualTo(1_000);
        assertThat(together.batches() - alone.batches()).isBetween(1L, 500L);
        assertThat(together.evictedKeys()).isZero();
    }

    private long charged(String client) {
        return YEARLY.permits()
                - ask(client).orTimeout(10, TimeUnit.SECONDS).join().get(0).remaining()
                - 1;
    }

    /** What went wrong; null if nothing did. */
    private static Kind kindOf(CompletableFuture<?> answer) {
        try {
            answer.orTimeout(10, TimeUnit.SECONDS).join();
            return null;
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(StoreException.class);
            return ((StoreException) e.getCause()).kind();
        }
    }

    private static long scriptCalls(RedisServer server) {
        return Pattern.compile("cmdstat_(?:fcall|eval|evalsha):calls=(\\d+)")
                .matcher((String) server.send("INFO", "commandstats"))
                .results()
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .sum();
    }

    @Test
    void tryAcquire_manyAtOnce_fewScriptCallsAndEachClientExact() {
        openOnOneServer();
        long before = scriptCalls(redis);

        List<CompletableFuture<List<Decision>>> answers = IntStream.range(0, 10_000)
                .mapToObj(i -> ask("client-" + i % 100))
                .toList();

        assertThat(answers).allMatch(answer -> kindOf(answer) == null);
        long calls = scriptCalls(redis) - before;
        System.out.println("10,000 decisions in " + calls + " script calls");
        assertThat(calls).isLessThan(2_500);
        assertThat(IntStream.range(0, 100)).allMatch(i -> charged("client-" + i) == 100);
    }

    @Test
    void overrides_manyAtOnce_fewScriptCallsAndEachRight() {
        openOnOneServer();
        Overrides gold = Overrides.NONE.withPlan("gold");
        IntStream.range(0, 100)
                .forEach(i -> store.replace(Subject.client("client-" + i), Overrides.NO_VERSION, gold)
                        .join());
        long before = scriptCalls(redis);

        List<CompletableFuture<Overrides>> answers = IntStream.range(0, 10_000)
                .mapToObj(i -> store.overrides(Subject.client("client-" + i % 200)))
                .toList();

        for (int i = 0; i < answers.size(); i++) {
            Overrides found = answers.get(i).orTimeout(10, TimeUnit.SECONDS).join();
            assertThat(found.plan()).isEqualTo(i % 200 < 100 ? "gold" : null);
        }
        assertThat(scriptCalls(redis) - before).isLessThan(2_500);
        assertThat(redis.send("KEYS", "*none*"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .isEmpty();
    }

    @Test
    void tryAcquire_manyThreadsOneLimit_exact() throws Exception {
        openOnOneServer();
        Limit limit = Limit.fixedWindow(1_000, Duration.ofDays(366));
        ExecutorService threads = Executors.newFixedThreadPool(32);
        try {
            Callable<Long> task = () -> IntStream.range(0, 100)
                    .filter(i -> Asked.of(store, "alice", new Charge("p", limit, 1))
                            .join()
                            .get(0)
                            .permitted())
                    .count();
            long permitted = 0;
            for (Future<Long> part :
                    threads.invokeAll(IntStream.range(0, 32).mapToObj(i -> task).toList())) {
                permitted += part.get();
            }
            assertThat(permitted).isEqualTo(1_000);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void tryAcquire_manyCancelled_noneChargedTwiceAndTheOthersExactlyOnce() {
        openOnOneServer();
        List<CompletableFuture<List<Decision>>> answers = ask("alice", 4_000);
        for (int i = 0; i < answers.size(); i += 2) {
            answers.get(i).cancel(true);
        }

        long answered = answers.stream().filter(answer -> !isCancelled(answer)).count();

        long charged = charged("alice");
        System.out.println("4,000 calls, " + answered + " answered, " + charged + " charged");
        assertThat(answered).isGreaterThanOrEqualTo(2_000);
        assertThat(charged).isBetween(answered, 4_000L);
    }

    private static boolean isCancelled(CompletableFuture<?> answer) {
        try {
            answer.join();
            return false;
        } catch (CancellationException e) {
            return true;
        }
    }

    @Test
    void tryAcquire_stoppedAndCancelledMeanwhile_whatHasNotLeftIsNotCharged() {
        openOnOneServer();
        charged("alice");
        redis.pause();
        ask("bob", Batcher.IN_FLIGHT);
        long startNanos = System.nanoTime();
        for (int i = 0; i < 500; i++) {
            ask("alice").cancel(true);
        }
        // A batch without an answer makes room for the next after a while, in which at most one call is not cancelled
        // yet.
        long mostLeft = Batcher.IN_FLIGHT * (System.nanoTime() - startNanos) / Batcher.HELD.toNanos();
        redis.resume();

        await().atMost(BACK).until(() -> kindOf(ask("carol")) == null);
        assertThat(charged("alice")).isBetween(1L, 1 + mostLeft).isLessThan(250);
    }

    /** A log whose tail is right, and its only entry is not: what no store writes, and no script can decide. */
    @Test
    void run_oneBadRequest_failsAloneAndHasNothingHalfCharged() {
        redis = RedisServer.start();
        RedisKeys keys = new RedisKeys(64);
        Limit log = Limit.slidingLog(10, Duration.ofDays(1));
        String tail = "\u0004" + "\u0000".repeat(6) + "\u0001" + "\u0000".repeat(14);
        redis.send("RPUSH", keys.usage("bad", "log"), "broken", tail);
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri()).setConnectionMinimumIdleSize(1);
        RedissonClient redisson = Redisson.create(config);
        try {
            List<AcquireCall> calls = List.of(
                    AcquireCall.of(keys, StoreRequest.of("alice", List.of(new Charge("search", YEARLY, 1)))),
                    AcquireCall.of(
                            keys,
                            StoreRequest.of(
                                    "bad", List.of(new Charge("search", YEARLY, 1), new Charge("log", log, 1)))),
                    AcquireCall.of(
                            keys,
                            StoreRequest.of(
                                    "bob", List.of(new Charge("log", log, 2), new Charge("search", YEARLY, 3)))));

            List<Reply> answers = AcquireScript.run(new ScriptRunner(redisson), calls, AcquireScript.REDIS_TIME)
                    .join();

            assertThat(answers.get(0)).isInstanceOf(Decided.class);
            assertThat(answers.get(1)).isInstanceOf(Failed.class);
            assertThat(((Decided) answers.get(2)).decisions())
                    .extracting(Decision::remaining)
                    .containsExactly(8L, 99_997L);
            assertThat(redis.send("EXISTS", keys.usage("bad", "search"))).isEqualTo(0L);
        } finally {
            redisson.shutdown();
        }
    }

    @Test
    void tryAcquire_scriptsFlushedWithBatchesUnderWay_eachChargedOnce() {
        openOnOneServer();
        List<CompletableFuture<List<Decision>>> answers = IntStream.range(0, 20)
                .mapToObj(i -> {
                    List<CompletableFuture<List<Decision>>> some = ask("alice", 200);
                    redis.send("SCRIPT", "FLUSH");
                    redis.send("FUNCTION", "FLUSH");
                    return some;
                })
                .flatMap(List::stream)
                .toList();

        assertThat(answers).allMatch(answer -> kindOf(answer) == null);
        assertThat(charged("alice")).isEqualTo(4_000);
    }

    @Test
    void tryAcquire_stoppedWithBatchesUnderWay_everyFutureCompletesAndNoneIsChargedTwice() {
        openOnOneServer();
        charged("alice");
        redis.pause();
        List<CompletableFuture<List<Decision>>> late = ask("alice", 1_000);

        assertThat(late).allMatch(answer -> kindOf(answer) != null);
        redis.resume();

        await().atMost(BACK).until(() -> kindOf(ask("bob")) == null);
        assertThat(charged("alice")).isBetween(1L, 1_001L);
    }

    @Test
    void tryAcquire_stoppedForAMoment_allChargedExactlyOnce() {
        openOnOneServer();
        redis.pause();
        List<CompletableFuture<List<Decision>>> late = ask("alice", 1_000);
        await().pollDelay(Duration.ofMillis(200)).until(() -> true);
        redis.resume();

        assertThat(late).allMatch(answer -> kindOf(answer) == null);
        assertThat(charged("alice")).isEqualTo(1_000);
    }

    @Test
    void tryAcquire_killedWithBatchesUnderWay_everyFutureCompletes() {
        openOnOneServer();
        List<CompletableFuture<List<Decision>>> answers = ask("alice", 5_000);
        redis.kill();
        List<CompletableFuture<List<Decision>>> after = ask("alice", 500);

        assertThat(answers).allSatisfy(answer -> assertThat(kindOf(answer)).isIn(null, Kind.UNREACHABLE, Kind.TIMEOUT));
        assertThat(after).allMatch(answer -> kindOf(answer) != null);
        redis.restart();
        await().atMost(BACK).until(() -> kindOf(ask("bob")) == null);
        assertThat(charged("alice")).isZero();
    }

    @Test
    void tryAcquire_cluster_clientsSpreadAndNoBatchCrossesSlots(@TempDir Path directory) {
        try (RedisCluster cluster = RedisCluster.start()) {
            store = Opened.store(
                    Map.of("weir.redisson.config", cluster.config(directory).toString()));
            long before = cluster.masters().stream()
                    .mapToLong(RedissonStoreBatchTest::scriptCalls)
                    .sum();

            List<CompletableFuture<List<Decision>>> answers = IntStream.range(0, 10_000)
                    .mapToObj(i -> ask("client-" + i % 1_000))
                    .toList();

            assertThat(answers).allMatch(answer -> kindOf(answer) == null);
            long calls = cluster.masters().stream()
                            .mapToLong(RedissonStoreBatchTest::scriptCalls)
                            .sum()
                    - before;
            List<Long> keys = cluster.masters().stream()
                    .map(master -> (Long) master.send("DBSIZE"))
                    .toList();
            System.out.println("cluster: 10,000 decisions in " + calls + " script calls; keys by master " + keys);
            assertThat(keys).allMatch(count -> count >= 200 && count <= 470);
            assertThat(calls).isLessThan(5_000);
            assertThat(IntStream.range(0, 1_000)).allMatch(i -> charged("client-" + i) == 10);
            store.close();
        }
    }
}
