package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Acquisition;
import dev.weir.BucketCost;
import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.WeirBuilder;
import dev.weir.limit.Algorithm;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.LeasableStore;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Instances that share one store and lease from it, with real threads and real time. Upper bounds hold however slow the
 * machine is, lower ones in one of several attempts.
 */
@Isolated
class LeasingStoreTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Of a limit in it as much can be leased as comes back in a second, and that is a tenth. */
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private static final String CLIENT = "alice";

    private final List<Weir> weirs = new ArrayList<>();
    private final List<MemoryStore> memories = new ArrayList<>();
    private final Map<String, LeaseUse> uses = new ConcurrentHashMap<>();
    private final AtomicLong storeAnswers = new AtomicLong();
    private final LimiterListener listener = new LimiterListener() {
        @Override
        public void onStoreAnswer(long nanos) {
            storeAnswers.incrementAndGet();
        }

        @Override
        public void onLeaseUse(String policy, LeaseUse use) {
            uses.merge(policy, use, LeaseUse::plus);
        }
    };

    @AfterEach
    void close() {
        weirs.forEach(Weir::close);
        memories.forEach(MemoryStore::close);
    }

    private LeasableStore store(int instances, MemoryStore memory) {
        memories.add(memory);
        return new LeasableStore(instances, memory);
    }

    private LeasableStore store(int instances) {
        return store(instances, new MemoryStore());
    }

    /** One whose clock stands still: nothing comes back but what is given back. */
    private LeasableStore still(int instances) {
        return store(instances, new MemoryStore(() -> 1_700_000_000_000_000L));
    }

    private List<Weir> weirs(LeasableStore store, int instances, Leasing leasing, Policy... policies) {
        for (int i = 0; i < instances; i++) {
            weirs.add(builder(store, leasing, policies)
                    .storeDeadline(Duration.ofMinutes(1))
                    .build());
        }
        return weirs;
    }

    private WeirBuilder builder(LeasableStore store, Leasing leasing, Policy... policies) {
        return Weir.builder().store(store).leasing(leasing).listener(listener).policies(List.of(policies));
    }

    private static Policy policy(Limit limit) {
        return Policy.of("search", limit).onStoreFailure(OnStoreFailure.REJECT);
    }

    private static List<RateLimiter> limiters(List<Weir> weirs) {
        return weirs.stream().map(weir -> weir.limiter("search")).toList();
    }

    private LeaseUse use() {
        return uses.getOrDefault("search", LeaseUse.NONE);
    }

    /** Runs one thread for each task, again and again until the time is over. */
    private static void forAWhile(Duration duration, List<Runnable> tasks) throws InterruptedException {
        long endNanos = System.nanoTime() + duration.toNanos();
        run(tasks.stream()
                .<Runnable>map(task -> () -> {
                    while (System.nanoTime() - endNanos < 0) {
                        task.run();
                    }
                })
                .toList());
    }

    private static void run(List<Runnable> tasks) throws InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        List<Throwable> thrown = new ArrayList<>();
        List<Thread> threads = tasks.stream()
                .map(task -> new Thread(() -> {
                    try {
                        start.await();
                        task.run();
                    } catch (InterruptedException | RuntimeException | Error e) {
                        synchronized (thrown) {
                            thrown.add(e);
                        }
                    }
                }))
                .toList();
        threads.forEach(Thread::start);
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(thrown).isEmpty();
    }

    /** Permits that may be beyond a limit because this process was not scheduled in time: none, mostly. */
    private static final class Stalls implements AutoCloseable {

        private static final long ALLOWED_NANOS = TimeUnit.MILLISECONDS.toNanos(60);
        private final AtomicLong stalls = new AtomicLong();
        private volatile boolean isOver;
        private final Thread watch = new Thread(() -> {
            long lastNanos = System.nanoTime();
            while (!isOver) {
                LockSupport.parkNanos(1_000_000);
                long nowNanos = System.nanoTime();
                stalls.addAndGet(nowNanos - lastNanos > ALLOWED_NANOS ? 1 : 0);
                lastNanos = nowNanos;
            }
        });

        Stalls() {
            watch.start();
        }

        long permits(Leasing leasing, long perLease) {
            return leasing == Leasing.EXACT ? 0 : stalls.get() * perLease;
        }

        @Override
        public void close() {
            isOver = true;
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
    void threadsOnFourInstances_neverAboveTheLimit(Leasing leasing) throws InterruptedException {
        TokenBucket limit = Limit.tokenBucket(20_000, SECOND, 5_000);
        List<RateLimiter> limiters = limiters(weirs(store(4), 4, leasing, policy(limit)));
        Admissions admissions = new Admissions();

        try (Stalls stalls = new Stalls()) {
            forAWhile(
                    Duration.ofMillis(1_500),
                    limiters.stream()
                            .<Runnable>map(limiter -> () -> someRequests(limiter, admissions))
                            .toList());

            assertThat(admissions.above(limit)).isLessThanOrEqualTo(stalls.permits(leasing, limit.capacity() / 10));
        }
        assertThat(use().decisions()).as("spent from leases").isGreaterThan(1_000);
        assertThat(admissions.total()).as("all is used").isGreaterThan(20_000);
    }

    /** Hot for a moment, and then not. */
    private static void someRequests(RateLimiter limiter, Admissions admissions) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = random.nextInt(1_000); i >= 0; i--) {
            long cost = random.nextInt(20) == 0 ? 1 + random.nextInt(20) : 1;
            admissions.note(cost, () -> limiter.allow(CLIENT, cost));
        }
        LockSupport.parkNanos(random.nextInt(4) == 0 ? random.nextLong(150_000_000) : 100_000);
    }

    @Test
    void smallLimit_onEightInstances_allOfItAndNoMore() throws InterruptedException {
        LeasableStore store = still(8);
        List<RateLimiter> limiters =
                limiters(weirs(store, 8, Leasing.FAST, policy(Limit.tokenBucket(10, TEN_SECONDS))));

        for (int round = 0; round < 20; round++) {
            String client = "client" + round;
            Admissions admissions = new Admissions();
            int turn = round;
            run(limiters.stream()
                    .<Runnable>map(limiter -> () -> {
                        for (int i = 0; i < (turn % 2 == 0 ? 3 : 20); i++) {
                            admissions.note(1, () -> limiter.allow(client));
                        }
                    })
                    .toList());
            assertThat(admissions.total()).isEqualTo(10);
        }
        assertThat(use().leased()).isZero();
    }

    /** One instance after the other has all the requests; each reaches nearly all of the limit within a second. */
    @Test
    void oneHotInstance_amongIdleOnes_hasNearlyTheWholeLimit_andSoHasTheNext() {
        TokenBucket limit = Limit.tokenBucket(10_000, SECOND, 2_000);
        List<RateLimiter> limiters = limiters(weirs(store(8), 8, Leasing.FAST, policy(limit)));
        for (int i = 0; i < 20; i++) {
            limiters.forEach(limiter -> limiter.allow(CLIENT));
        }

        for (RateLimiter hot : limiters.subList(0, 3)) {
            double best = 0;
            for (int attempt = 0; attempt < 5 && best < 0.98; attempt++) {
                best = Math.max(best, shareInASecond(hot, limit));
            }
            assertThat(best).as("share of the limit").isGreaterThan(0.98);
        }
        assertThat(use().decisions()).isGreaterThan(1_000);
    }

    private static double shareInASecond(RateLimiter hot, TokenBucket limit) {
        while (hot.allow(CLIENT)) {} // From here on nothing comes but by time.
        long startNanos = System.nanoTime();
        long elapsedNanos = 0;
        long admitted = 0;
        while (elapsedNanos < TimeUnit.SECONDS.toNanos(1)) {
            admitted += hot.allow(CLIENT) ? 1 : 0;
            elapsedNanos = System.nanoTime() - startNanos;
        }
        return admitted / ((double) limit.permits() * elapsedNanos / limit.periodMicros() / 1_000);
    }

    @Test
    void idleLease_isGivenBack_soThatAnotherInstanceHasAllThatIsLeft() {
        Limit limit = Limit.tokenBucket(1_000, TEN_SECONDS);
        List<RateLimiter> limiters = limiters(weirs(still(2), 2, Leasing.FAST, policy(limit)));

        long bestMillis = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && bestMillis > 350; attempt++) {
            String client = "client" + attempt;
            for (int i = 0; i < 100; i++) {
                assertThat(limiters.get(0).allow(client)).isTrue();
            }
            long startNanos = System.nanoTime();
            assertThat(limiters.get(1).allow(client, 900))
                    .as("while it is leased")
                    .isFalse();
            await().pollInterval(Duration.ofMillis(1))
                    .until(() -> limiters.get(1).allow(client, 900));
            bestMillis = Math.min(bestMillis, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        }
        assertThat(bestMillis).isLessThan(350);
    }

    @Test
    void close_givesBackAtOnce_andReportsWhatWasSpent() {
        Limit limit = Limit.tokenBucket(1_000, TEN_SECONDS);
        List<Weir> both = weirs(still(2), 2, Leasing.FAST, policy(limit));
        for (int i = 0; i < 100; i++) {
            assertThat(both.get(0).limiter("search").allow(CLIENT)).isTrue();
        }
        both.get(0).close();

        assertThat(both.get(1).limiter("search").allow(CLIENT, 900)).isTrue();
        assertThat(use().leased()).isPositive().isEqualTo(use().spent() + use().returned() + use().expired());
    }

    /** Otherwise it would be held back until its end, without a holder. */
    @Test
    void close_whileALeaseIsAskedFor_givesBackWhatItBrings() {
        LeasableStore store = still(1);
        Weir weir = weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(1_000, TEN_SECONDS)))
                .get(0);
        RateLimiter limiter = weir.limiter("search");
        int admitted = 0;
        while (use().leased() == 0) {
            admitted += limiter.allow(CLIENT) ? 1 : 0;
        }
        store.leasesAnswered = new CompletableFuture<>();
        long calls = store.calls.get();
        // Not on this thread: it may be a request that asks, and then it waits for the answer.
        CompletableFuture<Integer> asking = CompletableFuture.supplyAsync(() -> {
            int more = 0;
            while (store.calls.get() == calls) {
                more += limiter.allow(CLIENT) ? 1 : 0;
            }
            return more;
        });
        await().until(() -> store.calls.get() > calls);

        CompletableFuture<Void> closed = CompletableFuture.runAsync(weir::close);
        store.leasesAnswered.complete(null);
        closed.join();
        admitted += asking.join();

        assertThat(held(store, "search")).isZero();
        assertThat(store.memory.state(CLIENT, "search").permitsUsed(0)).isEqualTo(admitted);
        assertThat(use().leased()).isPositive().isEqualTo(use().spent() + use().returned());
    }

    /** A thread that shuts an application down may have been interrupted: leases are not held back for that. */
    @Test
    void close_onAnInterruptedThread_waitsForWhatIsAskedFor_andGivesItBack() {
        LeasableStore store = still(1);
        LeasingStore leasing = leasing(store);
        store.leasesAnswered = new CompletableFuture<>();
        while (held(store, "search") == 0) {
            leasing.tryAcquire(ofThousand(1));
        }
        AtomicBoolean isClosing = new AtomicBoolean();

        CompletableFuture<Boolean> isStillInterrupted = CompletableFuture.supplyAsync(() -> {
            Thread.currentThread().interrupt();
            isClosing.set(true);
            leasing.close();
            return Thread.interrupted();
        });
        await().untilTrue(isClosing);
        LockSupport.parkNanos(20_000_000);
        boolean isDoneEarly = isStillInterrupted.isDone();
        store.leasesAnswered.complete(null);

        assertThat(isStillInterrupted.join()).isTrue();
        assertThat(isDoneEarly).isFalse();
        assertThat(held(store, "search")).isZero();
    }

    /** The permits that it waits for are brought by a call that is never answered. */
    @Test
    void close_whileARequestWaitsForPermits_requestHasItsRefusal() {
        LeasableStore store = still(1);
        LeasingStore leasing = leasing(store);
        store.leasesAnswered = new CompletableFuture<>();
        while (held(store, "search") == 0) {
            leasing.tryAcquire(ofThousand(1));
        }
        CompletableFuture<StoreReply> refused = leasing.tryAcquire(ofThousand(1_000)); // Waits for 10 ms.

        leasing.close();

        assertThat(refused)
                .succeedsWithin(Duration.ofSeconds(5))
                .satisfies(said -> assertThat(
                                ((StoreReply.Decided) said).decisions().get(0).reason())
                        .isEqualTo(Reason.LIMIT));
    }

    private LeasingStore leasing(LeasableStore store) {
        return new LeasingStore(
                store, Leasing.FAST, 1, Duration.ofMinutes(1), Scheduler.system(), listener, (client, decision) -> {});
    }

    private static StoreRequest ofThousand(long cost) {
        return StoreRequest.of(CLIENT, List.of(new Charge("search", Limit.tokenBucket(1_000, TEN_SECONDS), cost)));
    }

    /** The request that brings a lease, and is not answered yet; another instance takes all the rest. */
    private static CompletableFuture<Boolean> takesAllThatIsLeft(LeasableStore store, RateLimiter limiter) {
        store.leasesAnswered = new CompletableFuture<>();
        CompletableFuture<Boolean> leasing = CompletableFuture.supplyAsync(() -> {
            boolean isPermitted;
            do {
                isPermitted = limiter.allow(CLIENT);
            } while (isPermitted && held(store, "search") == 0);
            return isPermitted;
        });
        await().until(() -> held(store, "search") > 0);
        Charge one = new Charge("search", Limit.tokenBucket(1_000, TEN_SECONDS), 1);
        while (((StoreReply.Decided) store.memory.decide(StoreRequest.of(CLIENT, List.of(one))))
                .decisions()
                .get(0)
                .permitted()) {}
        return leasing;
    }

    /** One request has brought all that was left: the other one waits for it, and is not refused. */
    @Test
    void lastPermitsAreOnTheirWayHere_requestIsNotRefused() {
        LeasableStore store = still(1);
        RateLimiter limiter = limiters(weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(1_000, TEN_SECONDS))))
                .get(0);
        CompletableFuture<Boolean> large = takesAllThatIsLeft(store, limiter);
        long held = held(store, "search");
        store.meanwhile = () -> store.leasesAnswered.complete(null);

        assertThat(limiter.allow(CLIENT)).isTrue();
        assertThat(large.join()).isTrue();
        assertThat(limiter.allow(CLIENT, held - 1)).isTrue();
        assertThat(limiter.allow(CLIENT)).isFalse();
    }

    @Test
    void lastPermitsAreOnTheirWayHereForEver_requestIsRefused() {
        LeasableStore store = still(1);
        RateLimiter limiter = limiters(weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(1_000, TEN_SECONDS))))
                .get(0);
        CompletableFuture<Boolean> large = takesAllThatIsLeft(store, limiter);

        assertThat(limiter.tryAcquire(CLIENT).reason()).isEqualTo(Reason.LIMIT);
        assertThat(large).isNotDone();
        store.leasesAnswered.complete(null);
    }

    /** The store alone has too little for it, and so has the lease. */
    @Test
    void costOfAllThatIsLeft_isServed_thoughSomeOfItIsLeasedHere() {
        LeasableStore store = still(1);
        RateLimiter limiter = limiters(weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(1_000, TEN_SECONDS))))
                .get(0);
        int admitted = 0;
        while (held(store, "search") == 0 || admitted < 200) {
            admitted += limiter.allow(CLIENT) ? 1 : 0;
        }

        assertThat(limiter.allow(CLIENT, 1_000 - admitted + 1)).isFalse();
        assertThat(limiter.allow(CLIENT, 1_000 - admitted)).isTrue();
        assertThat(limiter.allow(CLIENT)).isFalse();
    }

    /** A client that may have nothing asks as often as it likes. */
    @Test
    void whatCanNeverPass_isRememberedLikeWhatCannotPassNow() {
        LeasableStore store = still(1);
        Weir weir = weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(1_000, TEN_SECONDS)))
                .get(0);
        weir.limits().setWeight("search", CLIENT, 0);
        RateLimiter limiter = weir.limiter("search");
        assertThat(limiter.allow(CLIENT)).isFalse();
        long calls = store.calls.get();
        long startNanos = System.nanoTime();
        for (int i = 0; i < 10_000; i++) {
            Decision.Rejected rejected = (Decision.Rejected) limiter.tryAcquire(CLIENT);
            assertThat(rejected.reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
            assertThat(rejected.retryAfter()).isEmpty();
        }
        long elapsedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);

        assertThat(store.calls.get() - calls).isLessThanOrEqualTo(2 + elapsedMillis / 200);
        weir.limits().setWeight("search", CLIENT, 1);
        assertThat(limiter.allow(CLIENT)).isTrue();
    }

    @Test
    void chargeIsGivenBackHere_whatWasRefusedMeanwhileIsNotRemembered() {
        LeasableStore store = still(1);
        Weir weir = weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(10, TEN_SECONDS)))
                .get(0);
        RateLimiter limiter = weir.limiter("search");
        weir.limits().createBucket("full", 20, 20);
        assertThat(weir.bucket("full").tryAcquire(20).permitted()).isTrue();
        store.meanwhile = () -> { // Between the client's charge and the bucket's refusal.
            store.meanwhile = () -> {};
            assertThat(limiter.allow(CLIENT)).isFalse();
        };

        assertThat(weir.tryAcquire(CLIENT, List.of(new PolicyCost("search", 10)), List.of(new BucketCost("full", 20)))
                        .permitted())
                .isFalse();

        assertThat(limiter.allow(CLIENT, 9)).isTrue();
    }

    @Test
    void whatIsKnownHere_isNoAnswerOfTheStore() {
        LeasableStore store = still(1);
        RateLimiter limiter = limiters(weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(1_000, TEN_SECONDS))))
                .get(0);
        for (int i = 0; i < 10_000; i++) {
            limiter.allow(CLIENT, i % 2 + 1);
        }
        long asked = store.calls.get() + store.beats.get();
        assertThat(asked).isLessThan(1_000);
        assertThat(storeAnswers.get()).isPositive().isLessThanOrEqualTo(asked);
    }

    /** Small limits are strict, also for a client that is known here because it was refused. */
    @ParameterizedTest
    @CsvSource({"1, 199", "8, 1599"})
    void smallLimit_isNeverLeased(int instances, long permits) throws InterruptedException {
        LeasableStore store = store(instances);
        RateLimiter limiter = limiters(weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(permits, SECOND))))
                .get(0);
        for (int i = 0; i < 2 * permits; i++) {
            limiter.allow(CLIENT);
        }
        forAWhile(Duration.ofMillis(700), List.of(() -> limiter.allow(CLIENT)));

        weirs.get(0).close();
        assertThat(use().refusals()).isPositive();
        assertThat(use().leased()).isZero();
    }

    @Test
    void override_holdsAtOnceWhereItIsSet_andWithinASecondElsewhere() {
        Limit limit = Limit.tokenBucket(1_000_000, SECOND);
        List<Weir> both = weirs(store(2), 2, Leasing.FAST, policy(limit));
        List<RateLimiter> limiters = limiters(both);
        long rate = 1_000_000;
        long bestMillis = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && bestMillis > 1_000; attempt++) {
            for (int i = 0; i < 2_000; i++) {
                limiters.forEach(limiter -> limiter.allow(CLIENT));
            }
            long next = ++rate;
            both.get(0).limits().setRate("search", CLIENT, next, SECOND);
            long startNanos = System.nanoTime();
            assertThat(limiters.get(0).tryAcquire(CLIENT).limit().permits()).isEqualTo(next);
            // Slowly enough that what is leased lasts to its end.
            await().pollInterval(Duration.ofMillis(5))
                    .until(() -> limiters.get(1).tryAcquire(CLIENT).limit().permits() == next);
            bestMillis = Math.min(bestMillis, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        }
        assertThat(bestMillis).isLessThanOrEqualTo(1_000);
    }

    /**
     * The call that gets a permit learns that it was the last; one that comes a moment too early gets none, and there
     * are a few.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 10, 100, 1_000})
    void clientOverItsLimit_costsOneCallForAPermit_andFiveASecond(long perSecond) {
        TokenBucket limit = Limit.tokenBucket(perSecond, SECOND, Math.max(10, perSecond));
        LeasableStore store = store(1);
        RateLimiter limiter =
                limiters(weirs(store, 1, Leasing.FAST, policy(limit))).get(0);
        double best = Double.POSITIVE_INFINITY;
        for (int attempt = 0; attempt < 5 && best > 1.25; attempt++) {
            best = Math.min(best, callsForAPermit(store, limiter, "client" + attempt));
        }
        assertThat(best).isLessThanOrEqualTo(1.25);
    }

    private static double callsForAPermit(LeasableStore store, RateLimiter limiter, String client) {
        long callsBefore = store.calls.get();
        long startNanos = System.nanoTime();
        long admitted = 0;
        long asked = 0;
        while (System.nanoTime() - startNanos < TimeUnit.MILLISECONDS.toNanos(1_500)) {
            admitted += limiter.allow(client) ? 1 : 0;
            asked++;
        }
        long elapsedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        long calls = store.calls.get() - callsBefore;
        assertThat(asked).isGreaterThan(10 * calls);
        return (calls - 1 - elapsedMillis / 200.0) / admitted;
    }

    @Test
    void hotClient_hasOneCallInTwoHundredDecisions() {
        LeasableStore store = store(1);
        RateLimiter limiter = limiters(weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(200_000, SECOND))))
                .get(0);
        double best = 0;
        for (int attempt = 0; attempt < 5 && best < 200; attempt++) {
            long before = store.calls.get();
            long startNanos = System.nanoTime();
            int decided = 0;
            while (decided < 30_000) {
                if (decided * 33_333L < System.nanoTime() - startNanos) { // 30,000 a second.
                    assertThat(limiter.allow(CLIENT)).isTrue();
                    decided++;
                }
            }
            best = Math.max(best, (double) decided / (store.calls.get() - before));
        }
        assertThat(best).isGreaterThanOrEqualTo(200);
    }

    @Test
    void costOfTheWholeBurst_isServed_thoughAnotherInstanceRenewsItsLease() throws InterruptedException {
        TokenBucket limit = Limit.tokenBucket(2_000, SECOND);
        LeasableStore store = store(2);
        List<RateLimiter> limiters = limiters(weirs(store, 2, Leasing.FAST, policy(limit)));
        AtomicBoolean isServed = new AtomicBoolean();
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        BooleanSupplier goesOn = () -> !isServed.get() && System.nanoTime() - endNanos < 0;

        run(List.of(
                () -> {
                    while (goesOn.getAsBoolean()) {
                        limiters.get(0).allow(CLIENT);
                        LockSupport.parkNanos(4_000_000);
                    }
                },
                () -> {
                    await().until(() -> held(store, "search") > 0);
                    while (goesOn.getAsBoolean()) {
                        isServed.set(limiters.get(1).allow(CLIENT, limit.capacity()));
                        LockSupport.parkNanos(200_000);
                    }
                }));

        assertThat(isServed).isTrue();
    }

    private static long held(LeasableStore store, String usage) {
        return store.memory.state(CLIENT, usage) instanceof TokenBucketState bucket
                ? bucket.held().permits()
                : 0;
    }

    @Test
    void storeThatHangs_leaseIsSpent_andThenThePolicySays_andAllIsWellAgain() {
        LeasableStore store = still(1);
        Weir weir = builder(store, Leasing.FAST, policy(Limit.tokenBucket(10_000, TEN_SECONDS)))
                .storeDeadline(Duration.ofMillis(200))
                .build();
        weirs.add(weir);
        RateLimiter limiter = weir.limiter("search");
        int admitted = 0;
        for (int i = 0; i < 1_000; i++) {
            admitted += limiter.allow(CLIENT) ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(1_000);
        long held = held(store, "search");

        store.fault = LeasableStore.Fault.HANGS;
        int fromLease = 0;
        Decision last = limiter.tryAcquire(CLIENT);
        while (last.permitted()) {
            fromLease++;
            last = limiter.tryAcquire(CLIENT);
        }
        assertThat(fromLease).isBetween(1, (int) held);
        assertThat(last.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);

        store.fault = LeasableStore.Fault.NONE;
        await().until(() -> limiter.allow(CLIENT));
        admitted += fromLease + 1;
        while (admitted < 9_000) {
            admitted += limiter.allow(CLIENT) ? 1 : 0;
        }
        // What the lost renewal carried is spent: then all that is left can be taken, and no more.
        long left = 10_000 - admitted;
        await().until(() -> limiter.allow(CLIENT, left));
        assertThat(limiter.allow(CLIENT)).isFalse();
    }

    @Test
    void leaseThatIsNotAnswered_endsHere() {
        LeasableStore store = still(1);
        weirs.add(builder(store, Leasing.FAST, policy(Limit.tokenBucket(10_000, TEN_SECONDS)))
                .storeDeadline(Duration.ofMillis(50))
                .build());
        RateLimiter limiter = limiters(weirs).get(0);
        for (int i = 0; i < 1_000; i++) {
            assertThat(limiter.allow(CLIENT)).isTrue();
        }
        store.fault = LeasableStore.Fault.HANGS;
        await().until(() ->
                // No request comes, so it ends, or is given back and the call is not answered.
                use().expired() + use().returned() > 0);

        assertThat(limiter.allow(CLIENT)).isFalse();
    }

    @Test
    void answersAreLost_neverAboveTheLimit() throws InterruptedException {
        TokenBucket limit = Limit.tokenBucket(5_000, SECOND);
        LeasableStore store = store(2);
        for (int i = 0; i < 2; i++) {
            weirs.add(builder(store, Leasing.EXACT, policy(limit))
                    .storeDeadline(Duration.ofMillis(5))
                    .build());
        }
        store.fault = LeasableStore.Fault.LOSES_ANSWERS;
        Admissions admissions = new Admissions();

        forAWhile(
                Duration.ofSeconds(4),
                limiters(weirs).stream()
                        .<Runnable>map(limiter -> () -> someRequests(limiter, admissions))
                        .toList());

        assertThat(admissions.above(limit)).isNotPositive();
        assertThat(use().decisions()).isGreaterThan(20);
    }

    @Test
    void storeThatThrows_leasesAreLookedAfterNevertheless() {
        LeasableStore store = still(1);
        Weir weir = weirs(store, 1, Leasing.FAST, policy(Limit.tokenBucket(1_000, TEN_SECONDS)))
                .get(0);
        List<String> clients = List.of("a", "b", "c", "d", "e");
        for (int i = 0; i < 100; i++) {
            clients.forEach(
                    client -> assertThat(weir.limiter("search").allow(client)).isTrue());
        }
        await().until(() -> use().decisions() > 0);
        store.fault = LeasableStore.Fault.THROWS;

        await().until(() -> use().leased() == use().spent() + use().returned() + use().expired());
        weir.close();
    }

    @Test
    void actionPlanAndBucket_areLeasedEachByItself() {
        LeasableStore store = still(1);
        Rate rate = new Rate(1_000, TEN_SECONDS, 1_000);
        Policy actions = Policy.of("actions", Limit.tokenBucket(1_000, TEN_SECONDS))
                .onStoreFailure(OnStoreFailure.REJECT)
                .action("post", rate)
                .plan("gold", new Terms(new Rate(2_000, TEN_SECONDS, 2_000), null, null))
                .client("goldie", "gold");
        Weir weir = weirs(store, 1, Leasing.FAST, actions).get(0);
        weir.limits().createBucket("t1", 1_000, 1_000);
        RateLimiter limiter = weir.limiter("actions");

        assertLeased(
                store,
                CLIENT,
                "actions/post",
                () -> limiter.tryAcquire(Acquisition.of(CLIENT).action("post")).permitted());
        assertThat(limiter.allow(CLIENT, 1_000)).as("beside the action").isTrue();
        assertLeased(store, "goldie", "actions", () -> limiter.allow("goldie"));
        assertThat(limiter.tryAcquire("goldie").limit().capacity()).isEqualTo(2_000);
        assertLeased(store, "t1", Overrides.BUCKET, () -> weir.bucket("t1").allow());
    }

    /** It is charged on its part and on the whole, which a lease of one of them would not be. */
    @Test
    void split_isDecidedByTheStore() {
        LeasableStore store = still(1);
        Policy split = Policy.of("split", Limit.tokenBucket(2_000, TEN_SECONDS))
                .onStoreFailure(OnStoreFailure.REJECT)
                .allClients(new Terms(null, null, Split.of(50, 50)));
        RateLimiter limiter = weirs(store, 1, Leasing.FAST, split).get(0).limiter("split");
        long before = store.calls.get();

        for (int i = 0; i < 200; i++) {
            assertThat(limiter.tryAcquire(Acquisition.of(CLIENT).subBucket(1)).permitted())
                    .isTrue();
        }

        assertThat(store.calls.get() - before).isEqualTo(200);
        assertThat(store.memory.state(CLIENT, "split").permitsUsed(0)).isEqualTo(200);
    }

    private static void assertLeased(LeasableStore store, String id, String usage, BooleanSupplier request) {
        long before = store.calls.get();
        for (int i = 0; i < 200; i++) {
            assertThat(request.getAsBoolean()).isTrue();
        }
        assertThat(store.memory.state(id, usage))
                .asInstanceOf(InstanceOfAssertFactories.type(TokenBucketState.class))
                .satisfies(bucket -> assertThat(bucket.held().permits()).isPositive());
        assertThat(store.calls.get() - before).as("calls").isLessThan(60);
    }

    @ParameterizedTest
    @EnumSource(names = {"FIXED_WINDOW", "SLIDING_WINDOW"})
    void windows_neverAboveTheirPermits(Algorithm algorithm) throws InterruptedException {
        Limit limit = Limit.of(algorithm, Rate.of(20_000, SECOND));
        long originNanos = System.nanoTime();
        long originMicros = 1_700_000_000_000_000L;
        MemoryStore memory = new MemoryStore(() -> originMicros + (System.nanoTime() - originNanos) / 1_000);
        LeasableStore store = store(3, memory);
        Admissions admissions = new Admissions();

        try (Stalls stalls = new Stalls()) {
            forAWhile(
                    Duration.ofMillis(3_200),
                    limiters(weirs(store, 3, Leasing.FAST, policy(limit))).stream()
                            .<Runnable>map(limiter -> () -> someRequests(limiter, admissions))
                            .toList());

            assertThat(admissions.mostInOneWindow(SECOND.toNanos(), originMicros * 1_000 - originNanos))
                    .isLessThanOrEqualTo(20_000 + stalls.permits(Leasing.FAST, 2_000));
        }
        assertThat(use().decisions()).isGreaterThan(1_000);
    }

    @Test
    void moreClientsThanAreRemembered_areDecidedByTheStore_andLeasedAgainWhenOthersAreForgotten() {
        LeasableStore store = still(1);
        int most = 100;
        try (LeasingStore leasing = new LeasingStore(
                store,
                Leasing.FAST,
                most,
                Duration.ofSeconds(1),
                Scheduler.system(),
                listener,
                (client, decision) -> {})) {
            await().until(() -> {
                for (int i = 0; i < most; i++) {
                    isPermitted(leasing, "client" + i);
                }
                return callsFor(store, leasing, "late" + store.calls.get()) >= 1_000;
            });
            await().pollInterval(Duration.ofMillis(100))
                    .until(() -> callsFor(store, leasing, "later" + store.calls.get()) < 100);
        }
    }

    /** Takes all that there is; each client is another. */
    private static long callsFor(LeasableStore store, LeasingStore leasing, String client) {
        long before = store.calls.get();
        int admitted = 0;
        while (admitted < 1_000) { // What a renewal has taken may be on its way when the store has no more.
            admitted += isPermitted(leasing, client) ? 1 : 0;
        }
        assertThat(isPermitted(leasing, client)).isFalse();
        return store.calls.get() - before;
    }

    private static boolean isPermitted(LeasingStore leasing, String client) {
        StoreRequest call =
                StoreRequest.of(client, List.of(new Charge("search", Limit.tokenBucket(1_000, TEN_SECONDS), 1)));
        StoreReply known = leasing.known(call);
        StoreReply answer = known == null ? leasing.tryAcquire(call).join() : known;
        return ((StoreReply.Decided) answer).decisions().get(0).permitted();
    }

    @Test
    void policyThatDoesNotExist_isNotKept() {
        LeasableStore store = store(1);
        LeasingStore leasing = new LeasingStore(
                store, Leasing.FAST, 1, Duration.ofSeconds(1), Scheduler.system(), listener, (client, decision) -> {});

        assertThat(leasing.find("unknown")).isSameAs(LeaseTable.NONE);
        assertThat(leasing.find("unknown")).isSameAs(LeaseTable.NONE);
        leasing.close();
    }

    @Test
    void off_eachRequestIsACall() {
        LeasableStore store = still(1);
        RateLimiter limiter = limiters(weirs(store, 1, Leasing.OFF, policy(Limit.tokenBucket(1_000, TEN_SECONDS))))
                .get(0);
        int[] costs = new int[300];
        Arrays.fill(costs, 4);
        long before = store.calls.get();
        for (int cost : costs) {
            limiter.allow(CLIENT, cost);
        }
        assertThat(store.calls.get() - before).isEqualTo(300);
        assertThat(uses).isEmpty();
    }
}
