package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.weir.lease.Leasing;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.limit.Terms;
import dev.weir.limit.TokenBucket;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
import dev.weir.store.LimiterListener;
import dev.weir.store.Logged;
import dev.weir.store.Overrides;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class StoreGuardTest {

    /** So slow that nothing comes back during a test. */
    private static final TokenBucket HUNDRED_A_YEAR = Limit.tokenBucket(100, Duration.ofDays(365));

    private final FaultyStore store = new FaultyStore();
    private final Recorded recorded = new Recorded();
    private final Logged logged = new Logged();
    private final List<Weir> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(Weir::close);
        logged.close();
    }

    @Test
    void tryAcquire_storeHoldsBackItsAnswer_waitsForTheDeadlineOnceAndThenNotAtAll() {
        Weir weir = open(Duration.ofMillis(200), policy("p", OnStoreFailure.LOCAL));
        store.fail(Fault.HELD_BACK);

        long startNanos = System.nanoTime();
        Decision first = weir.limiter("p").tryAcquire("alice");
        Duration firstTook = Duration.ofNanos(System.nanoTime() - startNanos);
        IntStream.range(0, 50).forEach(i -> weir.limiter("p").tryAcquire("alice"));
        Duration allTook = Duration.ofNanos(System.nanoTime() - startNanos);

        assertThat(first.permitted()).isTrue();
        assertThat(firstTook).isBetween(Duration.ofMillis(200), Duration.ofMillis(1_500));
        assertThat(allTook).isLessThan(Duration.ofMillis(3_000));
        await().until(() -> !weir.storeUp());
        assertThat(recorded.failures).startsWith(Kind.TIMEOUT);
    }

    @Test
    void pool_storeGone_goesOnWithThisInstancesShareOfIt() {
        Pool pool = new Pool("backend", new Rate(100, Duration.ofDays(365), 100));
        store.sharedBy(4);
        Weir weir = open(Policy.sharing("search", pool), Policy.sharing("export", pool));
        assertThat(weir.instances()).isEqualTo(4);
        assertThat(weir.limiter("search").tryAcquire("alice", 10).permitted()).isTrue();
        store.fail(Fault.UNREACHABLE);

        assertThat(weir.limiter("search").tryAcquire("bob", 13).reason())
                .as("more than half of this instance's 25, but not of the pool's 100")
                .isEqualTo(Reason.STORE_UNAVAILABLE);
        long admitted = admitted(weir, "search", "alice") + admitted(weir, "export", "bob");

        assertThat(admitted).as("25, less 10 that were taken before").isBetween(11L, 15L);
        Decision refused = weir.limiter("search").tryAcquire("alice");
        assertThat(refused.reason()).isIn(Reason.SHARE, Reason.CAPACITY);
        assertThat(refused.limit()).isEqualTo(pool.limit());
    }

    @ParameterizedTest
    @EnumSource(
            value = OnStoreFailure.class,
            names = {"PERMIT", "REJECT"})
    void pool_storeGone_asThePolicySays(OnStoreFailure onStoreFailure) {
        Pool pool = new Pool("backend", new Rate(100, Duration.ofDays(365), 100));
        Weir weir = open(
                Policy.of("search", pool.limit()).onStoreFailure(onStoreFailure).in(pool));
        store.fail(Fault.UNREACHABLE);

        for (int i = 0; i < 200; i++) {
            Decision decision = weir.limiter("search").tryAcquire("alice");
            assertThat(decision.permitted()).isEqualTo(onStoreFailure == OnStoreFailure.PERMIT);
            assertThat(decision.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
        }
    }

    /** The client may have been split at run time, which only the store knows. */
    @Test
    void subBucketThatIsNotKnown_storeGone_isNoMistakeOfTheCaller() {
        Weir weir = open(policy("local", OnStoreFailure.LOCAL), policy("free", OnStoreFailure.PERMIT));
        Acquisition named = Acquisition.of("alice").subBucket(1);
        assertThatExceptionOfType(UnknownSubBucketException.class)
                .isThrownBy(() -> weir.limiter("local").tryAcquire(named));
        store.fail(Fault.UNREACHABLE);

        assertThat(weir.limiter("local").tryAcquire(named).reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(weir.limiter("free").tryAcquire(named).permitted()).isTrue();
    }

    @Test
    void bucket_storeHoldsBackItsAnswer_rejectedAfterTheDeadlineOnceAndThenAtOnce() {
        Weir weir = open(Duration.ofMillis(200), policy("p", OnStoreFailure.LOCAL));
        store.fail(Fault.HELD_BACK);

        long startNanos = System.nanoTime();
        for (int i = 0; i < 50; i++) {
            assertThat(weir.bucket("bucket " + i).tryAcquire(1).reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
        }
        Duration allTook = Duration.ofNanos(System.nanoTime() - startNanos);

        assertThat(allTook).isLessThan(Duration.ofMillis(3_000));
        await().until(() -> !weir.storeUp());
    }

    @Test
    void tryAcquire_threeQuestionsToASlowStore_waitForOneDeadlineInAll() {
        Policy shadow = Policy.of("shadow", HUNDRED_A_YEAR)
                .onStoreFailure(OnStoreFailure.REJECT)
                .shadow();
        set(Subject.client("alice"), "p", Terms.weight(2)); // So that the first answer is only that something is set.
        Weir weir = open(Duration.ofMillis(2_000), policy("p", OnStoreFailure.LOCAL), shadow);
        store.slowMillis = 1_600;
        store.ofDecisions = Fault.SLOW;

        long startNanos = System.nanoTime();
        Decisions decisions = weir.tryAcquire("alice", List.of(new PolicyCost("p", 1), new PolicyCost("shadow", 1)));
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);

        assertThat(took).isBetween(Duration.ofMillis(2_000), Duration.ofMillis(3_800));
        assertThat(decisions.each().get(0).limit().permits()).isEqualTo(200);
        assertThat(decisions.each()).extracting(Decision::reason).containsExactly(Reason.OK, Reason.STORE_UNAVAILABLE);
        assertThat(recorded.failures).containsExactly(Kind.TIMEOUT);
    }

    /** Sets something at run time before there is an instance that would know of it. */
    private void set(Subject subject, String policy, Terms terms) {
        store.shared
                .replace(subject, Overrides.NO_VERSION, Overrides.NONE.with(policy, terms))
                .join();
    }

    @Test
    void bucket_twoQuestionsToASlowStore_waitForOneDeadlineInAll() {
        set(Subject.bucket("b"), Overrides.BUCKET, Terms.rate(new Rate(1, Duration.ofSeconds(1), 10)));
        Weir weir = open(Duration.ofMillis(2_000), policy("p", OnStoreFailure.LOCAL));
        store.slowMillis = 1_600;
        store.ofDecisions = Fault.SLOW;

        long startNanos = System.nanoTime();
        Decision decision = weir.bucket("b").tryAcquire(1);
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);

        assertThat(took).isBetween(Duration.ofMillis(2_000), Duration.ofMillis(3_000));
        assertThat(decision.permitted()).isTrue();
        store.ofDecisions = Fault.NONE;
        assertThat(weir.limits().findBucket("b")).isPresent();
    }

    @Test
    void tryAcquire_oneLateAnswer_nothingSaidAndSharedAgainAtOnce() {
        store.sharedBy(4);
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        weir.limiter("p").tryAcquire("alice", 40);
        store.ofDecisions = Fault.HELD_BACK;
        assertThat(weir.limiter("p").tryAcquire("alice", 1).remaining())
                .as("60 / 4, and one taken")
                .isEqualTo(14);
        store.ofDecisions = Fault.NONE;

        // One of the store's 40, and not of the share: the call that was late has been charged, or not.
        await().until(() -> weir.limiter("p").tryAcquire("alice", 1).remaining() > 40);
        assertThat(weir.storeUp()).isTrue();
        assertThat(recorded.failures).containsExactly(Kind.TIMEOUT);
        assertThat(recorded.changes).isEmpty();
        assertThat(logged.lines()).isEmpty();
    }

    @Test
    void tryAcquire_twoAnswersTooSlowForOneDeadlineButNotOne_otherRequestsStillAskTheStore() {
        store.sharedBy(4);
        set(Subject.client("alice"), "p", Terms.weight(2)); // So that the first answer is only that something is set.
        Weir weir = open(Duration.ofMillis(2_000), policy("p", OnStoreFailure.LOCAL));
        store.slowMillis = 1_200;
        store.fail(Fault.SLOW);

        weir.limiter("p").tryAcquire("alice");

        assertThat(recorded.failures).containsExactly(Kind.TIMEOUT);
        assertThat(weir.limiter("p").tryAcquire("bob").remaining())
                .as("the store's 99, and not a share of 25")
                .isEqualTo(99);
        assertThat(recorded.failures).hasSize(1);
    }

    @Test
    void heartbeat_onceLate_nothingSaid() {
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        int before = store.heartbeats.get();
        store.heartbeatsToHoldBack.set(1);

        await().until(() -> store.heartbeats.get() > before + 2);
        assertThat(recorded.failures).containsExactly(Kind.TIMEOUT);
        assertThat(weir.storeUp()).isTrue();
        assertThat(recorded.changes).isEmpty();
        assertThat(logged.lines()).isEmpty();
    }

    @Test
    void tryAcquire_deadStoreUnderLoad_onlyRequestsUnderWayWait() throws Exception {
        int threads = 8;
        Weir weir = open(Duration.ofMillis(300), policy("p", OnStoreFailure.LOCAL));
        ExecutorService requests = Executors.newFixedThreadPool(threads);
        try {
            store.fail(Fault.HELD_BACK);
            int before = store.questions.get();
            List<Future<?>> all = IntStream.range(0, 5_000)
                    .<Future<?>>mapToObj(
                            i -> requests.submit(() -> weir.limiter("p").tryAcquire("client " + i)))
                    .toList();
            for (Future<?> one : all) {
                one.get(30, TimeUnit.SECONDS);
            }
            await().until(() -> !weir.storeUp());

            assertThat(store.questions.get() - before).isBetween(1, threads);
            assertThat(recorded.changes).containsExactly(false);
            assertThat(logged.lines()).hasSize(1);
        } finally {
            requests.shutdownNow();
        }
    }

    @Test
    void tryAcquire_timestampsWhileDown_judgedByThisInstancesClock() {
        store.sharedBy(4);
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        store.fail(Fault.UNREACHABLE);
        RateLimiter limiter = weir.limiter("p");
        Acquisition alice = Acquisition.of("alice").cost(25);

        assertThat(limiter.tryAcquire(alice.at(Instant.now().minusSeconds(90))).reason())
                .isEqualTo(Reason.STALE);
        assertThat(limiter.tryAcquire(alice.at(Instant.now().plusSeconds(90))).reason())
                .isEqualTo(Reason.FUTURE);
        assertThat(limiter.tryAcquire(alice.at(Instant.now().minusSeconds(30))).reason())
                .isEqualTo(Reason.OK);
        assertThat(limiter.tryAcquire(alice.at(Instant.now())).reason()).isEqualTo(Reason.LIMIT);
    }

    @Test
    void tryAcquire_knownClient_goesOnWithItsShareOfWhatRemained() {
        store.sharedBy(4);
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        weir.limiter("p").tryAcquire("alice", 41);
        store.fail(Fault.UNREACHABLE);

        assertThat(admitted(weir, "p", "alice")).isEqualTo(15); // 59 / 4, rounded up
        assertThat(weir.limiter("p").tryAcquire("alice")).isInstanceOfSatisfying(Rejected.class, rejected -> {
            assertThat(rejected.reason()).isEqualTo(Reason.LIMIT);
            assertThat(rejected.limit()).isEqualTo(HUNDRED_A_YEAR);
            // A hundred permits a year, among four instances: one in 14.6 days.
            assertThat(rejected.retryAfter().orElseThrow()).isBetween(Duration.ofDays(14), Duration.ofDays(15));
        });
    }

    @Test
    void tryAcquire_clientThatUsedItsLimit_getsNoFreshBurst() {
        store.sharedBy(4);
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        weir.limiter("p").tryAcquire("alice", 100);
        store.fail(Fault.HELD_BACK);

        assertThat(weir.limiter("p").allow("alice")).isFalse();
    }

    @Test
    void tryAcquire_unknownClient_startsWithItsShareOfTheBurst() {
        store.sharedBy(3);
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        store.fail(Fault.UNREACHABLE);

        assertThat(admitted(weir, "p", "bob")).isEqualTo(34);
    }

    @Test
    void tryAcquire_fixedWindowWithoutStore_sharedToo() {
        store.sharedBy(4);
        Weir weir = open(Policy.of("p", Limit.fixedWindow(100, Duration.ofDays(366))));
        weir.limiter("p").tryAcquire("alice", 60);
        store.fail(Fault.UNREACHABLE);

        assertThat(admitted(weir, "p", "alice")).isEqualTo(10);
        assertThat(admitted(weir, "p", "bob")).isEqualTo(25);
    }

    @Test
    void tryAcquire_policyPermits_permittedWithoutCount() {
        Weir weir = open(policy("p", OnStoreFailure.PERMIT));
        store.fail(Fault.UNREACHABLE);

        assertThat(IntStream.range(0, 300).mapToObj(i -> weir.limiter("p").tryAcquire("alice")))
                .containsOnly(alone(new Permitted("p", HUNDRED_A_YEAR, 100, 0, Reason.STORE_UNAVAILABLE)));
    }

    @Test
    void tryAcquire_policyRejects_rejectedForASecond() {
        Weir weir = open(policy("p", OnStoreFailure.REJECT));
        store.fail(Fault.UNREACHABLE);

        assertThat(weir.limiter("p").tryAcquire("alice"))
                .isEqualTo(alone(new Rejected("p", HUNDRED_A_YEAR, 0, 0, Reason.STORE_UNAVAILABLE, 1_000_000)));
    }

    @Test
    void tryAcquire_localBesidePermit_localDecidesAndIsCharged() {
        store.sharedBy(10);
        Weir weir = open(policy("share", OnStoreFailure.LOCAL), policy("free", OnStoreFailure.PERMIT));
        store.fail(Fault.UNREACHABLE);
        List<PolicyCost> costs = List.of(new PolicyCost("free", 1), new PolicyCost("share", 6));

        Decisions first = weir.tryAcquire("alice", costs);
        Decisions second = weir.tryAcquire("alice", costs);

        assertThat(first.each()).extracting(Decision::policy).containsExactly("free", "share");
        assertThat(first.each()).extracting(Decision::reason).containsExactly(Reason.STORE_UNAVAILABLE, Reason.OK);
        assertThat(first.each().get(1).remaining()).isEqualTo(4);
        assertThat(second.each()).extracting(Decision::permitted).containsExactly(true, false);
    }

    @Test
    void tryAcquire_localBesideReject_rejectedAndNothingCharged() {
        store.sharedBy(10);
        Weir weir = open(policy("share", OnStoreFailure.LOCAL), policy("strict", OnStoreFailure.REJECT));
        store.fail(Fault.UNREACHABLE);

        Decisions decisions =
                weir.tryAcquire("alice", List.of(new PolicyCost("share", 6), new PolicyCost("strict", 1)));

        assertThat(decisions.permitted()).isFalse();
        assertThat(decisions.binding().policy()).isEqualTo("strict");
        assertThat(admitted(weir, "share", "alice")).isEqualTo(10);
    }

    @Test
    void tryAcquire_costAboveTheShareButNotTheLimit_storeUnavailable() {
        store.sharedBy(4);
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        store.fail(Fault.UNREACHABLE);

        assertThat(weir.limiter("p").tryAcquire("alice", 26))
                .isEqualTo(alone(new Rejected("p", HUNDRED_A_YEAR, 25, 0, Reason.STORE_UNAVAILABLE, 1_000_000)));
        assertThat(weir.limiter("p").tryAcquire("alice", 101))
                .isEqualTo(alone(new Rejected("p", HUNDRED_A_YEAR, 25, 0, Reason.COST_ABOVE_LIMIT, Rejected.NEVER)));
        assertThat(weir.limiter("p").allow("alice", 25)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            mode = Mode.INCLUDE,
            names = {"ERROR", "THROWN", "OUT_OF_MEMORY"})
    void tryAcquire_errorOfOneOddCall_storeStaysUp(Fault fault) {
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        store.ofDecisions = fault;
        int before = store.heartbeats.get();

        assertThat(weir.limiter("p").allow("alice", 30)).isTrue();

        await().until(() -> store.heartbeats.get() > before);
        assertThat(weir.storeUp()).isTrue();
        assertThat(recorded.failures).containsExactly(Kind.ERROR);
        assertThat(recorded.changes).isEmpty();
        assertThat(logged.lines()).isEmpty();
        store.ofDecisions = Fault.NONE;
        assertThat(weir.limiter("p").tryAcquire("alice", 100).permitted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            mode = Mode.EXCLUDE,
            names = {"NONE", "SLOW"})
    void tryAcquire_storeGoneAndBack_oneLineAndOneEventForEach(Fault fault) {
        store.sharedBy(7);
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        store.fail(fault);

        IntStream.range(0, 10).forEach(i -> weir.limiter("p").tryAcquire("alice"));
        await().until(() -> !weir.storeUp());
        IntStream.range(0, 10).forEach(i -> weir.limiter("p").tryAcquire("alice"));
        store.fail(Fault.NONE);
        await().until(weir::storeUp);
        weir.limiter("p").tryAcquire("alice");

        await().untilAsserted(() -> assertThat(logged.lines()).hasSize(2)); // It is said after it has happened.
        assertThat(recorded.changes).containsExactly(false, true);
        assertThat(logged.lines().get(0)).startsWith("WARNING the store is down (");
        assertThat(logged.lines().get(1)).isEqualTo("INFO the store is back: limits are shared again; instances: 7");
    }

    @Test
    void tryAcquire_storeBack_decidesByWhatItKnows() {
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        weir.limiter("p").tryAcquire("alice", 10);
        store.fail(Fault.UNREACHABLE);
        weir.limiter("p").tryAcquire("alice", 50);
        store.fail(Fault.NONE);
        await().until(weir::storeUp);

        assertThat(weir.limiter("p").tryAcquire("alice", 1).remaining()).isEqualTo(89);
    }

    @Test
    void tryAcquire_idleWhileTheStoreGoes_noticedWithoutARequest() {
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));

        store.fail(Fault.UNREACHABLE);
        await().until(() -> !weir.storeUp());
        store.sharedBy(3).fail(Fault.NONE);
        await().until(weir::storeUp);

        assertThat(weir.instances()).isEqualTo(3);
    }

    @Test
    void tryAcquire_storeBackWithoutItsMemory_countsTheOthersUntilTheyCanHaveBeaten() {
        store.sharedBy(3);
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        store.fail(Fault.UNREACHABLE);
        await().until(() -> !weir.storeUp());

        store.sharedBy(1).fail(Fault.NONE);

        await().until(() -> weir.instances() == 1);
        await().untilAsserted(() -> assertThat(logged.lines())
                .endsWith(
                        "INFO the store is back: limits are shared again; instances: 3",
                        "INFO instances that share the store: 1; before: 3"));
    }

    @Test
    void build_storeAway_startsOnTheLadder() {
        store.fail(Fault.UNREACHABLE);

        Weir weir = open(policy("p", OnStoreFailure.LOCAL));

        assertThat(weir.storeUp()).isFalse();
        assertThat(weir.instances()).isEqualTo(1);
        assertThat(admitted(weir, "p", "alice")).isEqualTo(100);
        assertThat(logged.lines()).hasSize(1);
        assertThat(recorded.changes).containsExactly(false);
    }

    @Test
    void tryAcquire_thousandErrors_notAThousandProbes() {
        Weir weir = open(Duration.ofMillis(500), policy("p", OnStoreFailure.LOCAL));
        store.ofDecisions = Fault.ERROR;
        store.ofHeartbeats = Fault.HELD_BACK; // The first probe waits, and the others behind it.
        IntStream.range(0, 1_000).forEach(i -> weir.limiter("p").tryAcquire("alice"));
        int before = store.heartbeats.get();

        store.fail(Fault.NONE);

        await().until(() -> store.heartbeats.get() >= before + 3);
        assertThat(store.heartbeats.get()).isLessThan(before + 20);
    }

    @Test
    void tryAcquire_interrupted_decidesAndKeepsTheFlag() {
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        store.ofDecisions = Fault.HELD_BACK;
        Thread.currentThread().interrupt();

        Decision decision = weir.limiter("p").tryAcquire("alice");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(decision.permitted()).isTrue();
        assertThat(weir.storeUp()).isTrue();
    }

    @Test
    void onStoreAnswer_everyCall_tookTime() {
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        int before = recorded.answersNanos.size();

        weir.limiter("p").tryAcquire("alice");

        assertThat(recorded.answersNanos).hasSizeGreaterThan(before).allMatch(nanos -> nanos > 0);
    }

    @Test
    void close_probeUnderWay_saysNothing() {
        Set<Thread> others = threads();
        Weir weir = open(Duration.ofSeconds(20), policy("p", OnStoreFailure.LOCAL));
        int before = store.heartbeats.get();
        store.ofHeartbeats = Fault.HELD_BACK;
        await().until(() -> store.heartbeats.get() > before);
        Set<Thread> started = threads();
        started.removeAll(others);

        weir.close();

        await().until(() -> started.stream().noneMatch(Thread::isAlive));
        assertThat(logged.lines()).isEmpty();
        assertThat(recorded.changes).isEmpty();
        assertThat(recorded.failures).isEmpty();
    }

    @Test
    void close_requestAfterwards_stillGetsADecision() {
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        weir.close();
        store.fail(Fault.UNREACHABLE);

        assertThat(weir.limiter("p").allow("alice")).isTrue();
    }

    @Test
    void close_allThreads_end() {
        Set<Thread> before = threads();
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        Set<Thread> started = threads();
        started.removeAll(before);
        assertThat(started).isNotEmpty().allMatch(Thread::isDaemon);

        weir.close();

        await().until(() -> started.stream().noneMatch(Thread::isAlive));
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("weir-"))
                .collect(Collectors.toSet());
    }

    @Test
    void permit_storeGone_whatNoLimitPermitsStaysRefused() {
        Policy free = Policy.of("free", HUNDRED_A_YEAR)
                .onStoreFailure(OnStoreFailure.PERMIT)
                .client("blocked", Terms.weight(0));
        Weir weir = open(free, policy("local", OnStoreFailure.LOCAL));
        weir.limits().setWeight("free", "blocked later", 0);
        assertThat(weir.limiter("free").allow("blocked later")).isFalse(); // From now on this instance knows it.
        store.fail(Fault.UNREACHABLE);

        assertNeverPasses(weir.limiter("free").tryAcquire("blocked", 1));
        assertNeverPasses(
                weir.limiter("free").tryAcquire(Acquisition.of("blocked").subBucket(0)));
        assertNeverPasses(weir.limiter("free")
                .tryAcquire(Acquisition.of("alice").subBucket(0).cost(101)));
        assertNeverPasses(weir.limiter("free").tryAcquire("blocked later", 1));
        assertNeverPasses(weir.limiter("free").tryAcquire("alice", 101));
        assertThat(weir.limiter("free").tryAcquire("alice", 100).permitted()).isTrue();
        Decisions both = weir.tryAcquire("blocked", List.of(new PolicyCost("local", 60), new PolicyCost("free", 1)));
        assertThat(both.permitted()).isFalse();
        assertThat(weir.limiter("local").tryAcquire("blocked", 60).permitted())
                .as("nothing was charged on the other policy")
                .isTrue();
    }

    /** Each policy does with the minimum what it does with any limit. */
    @Test
    void storeGone_clientsOfWeightZero_haveTheirMinimumAsThePolicySays() {
        store.sharedBy(4);
        Weir weir = open(
                policy("local", OnStoreFailure.LOCAL).minimum(8),
                policy("free", OnStoreFailure.PERMIT).minimum(8),
                policy("shut", OnStoreFailure.REJECT).minimum(8));
        assertThat(weir.instances()).isEqualTo(4);
        Acquisition weightless = Acquisition.of("alice").weight(0);
        store.fail(Fault.UNREACHABLE);

        assertThat(IntStream.range(0, 50)
                        .filter(i ->
                                weir.limiter("local").tryAcquire(weightless).permitted())
                        .count())
                .as("this instance's part of 8")
                .isEqualTo(2);
        assertThat(weir.limiter("free").tryAcquire(weightless.cost(8)).permitted())
                .isTrue();
        assertNeverPasses(weir.limiter("free").tryAcquire(weightless.cost(9)));
        assertThat(weir.limiter("shut").tryAcquire(weightless).reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
    }

    @Test
    void permit_storeGoneAndAPoolIsShared_aCostAboveWhatItEverPermitsStaysRefused() {
        Pool pool = new Pool("backend", new Rate(100, Duration.ofDays(365), 100));
        Weir weir = open(Policy.of("search", pool.limit())
                .onStoreFailure(OnStoreFailure.PERMIT)
                .in(pool));
        store.fail(Fault.UNREACHABLE);

        assertNeverPasses(weir.limiter("search").tryAcquire("alice", 51));
        assertThat(weir.limiter("search").tryAcquire("alice", 50).permitted()).isTrue();
    }

    /** A small limit that refuses says nothing of what a large one has counted. */
    @Test
    void local_smallLimitRefusesAfterALargeOne_whatTheLargeOneHasCountedStaysInUse() {
        Weir weir = open(policy("p", OnStoreFailure.LOCAL));
        Acquisition large = Acquisition.of("alice").weight(4);
        assertThat(weir.limiter("p").tryAcquire(large.cost(400)).permitted()).isTrue();
        assertThat(weir.limiter("p").allow("alice")).isFalse();
        store.fail(Fault.UNREACHABLE);

        assertThat(weir.limiter("p").tryAcquire(large).permitted()).isFalse();
    }

    private static void assertNeverPasses(Decision decision) {
        assertThat(decision.reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(((Rejected) decision).retryAfterMicros()).isEqualTo(Rejected.NEVER);
    }

    @Test
    void local_moreClientsThanAreFollowed_thoseWithTheMostUseAreNotForgotten() {
        Weir weir = Weir.builder()
                .store(store)
                .listener(recorded)
                .localClients(1_000)
                .leasing(Leasing.OFF)
                .policy(Policy.of("p", Limit.fixedWindow(100, Duration.ofDays(366))))
                .build();
        opened.add(weir);
        for (int i = 0; i < 100; i++) {
            assertThat(weir.limiter("p").tryAcquire("heavy " + i, 100).permitted())
                    .isTrue();
        }
        for (int i = 0; i < 20_000; i++) {
            weir.limiter("p").allow("stranger " + i);
            assertThat(weir.followed()).isLessThanOrEqualTo(1_000);
        }
        store.fail(Fault.UNREACHABLE);

        long refused = IntStream.range(0, 100)
                .filter(i -> !weir.limiter("p").allow("heavy " + i))
                .count();
        assertThat(refused).isEqualTo(100);
    }

    @Test
    void localClients_outOfRange_saidWithTheBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Weir.builder().localClients(999))
                .withMessage("local clients must be a whole number from 1000 to 10000000, but is 999");
    }

    /** Decided by this instance. */
    private static Decision alone(Decision decision) {
        return decision.withRule(decision.rule().by(Source.LOCAL));
    }

    private Weir open(Policy... policies) {
        return open(Duration.ofMillis(50), policies);
    }

    private Weir open(Duration deadline, Policy... policies) {
        Weir weir = Weir.builder()
                .store(store)
                .storeDeadline(deadline)
                .listener(recorded)
                .policies(List.of(policies))
                .build();
        opened.add(weir);
        return weir;
    }

    private static Policy policy(String name, OnStoreFailure onStoreFailure) {
        return Policy.of(name, HUNDRED_A_YEAR).onStoreFailure(onStoreFailure);
    }

    private static long admitted(Weir weir, String policy, String client) {
        return IntStream.range(0, 200)
                .filter(i -> weir.limiter(policy).allow(client))
                .count();
    }

    private static final class Recorded implements LimiterListener {

        private final List<Boolean> changes = new CopyOnWriteArrayList<>();
        private final List<Kind> failures = new CopyOnWriteArrayList<>();
        private final List<Long> answersNanos = new CopyOnWriteArrayList<>();

        @Override
        public void onStoreChange(boolean up) {
            changes.add(up);
        }

        @Override
        public void onStoreFailure(Kind kind, long nanos) {
            failures.add(kind);
        }

        @Override
        public void onStoreAnswer(long nanos) {
            answersNanos.add(nanos);
        }
    }
}
