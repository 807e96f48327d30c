package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One request under policies of its client and on buckets. */
class MultiSubjectAcquireTest {

    private static final long ORIGIN = 1_700_000_000_000_000L;
    private static final Policy SEARCH = Policy.of("search", Limit.tokenBucket(10, Duration.ofDays(365)));
    private static final Policy EXPORT = Policy.of("export", Limit.fixedWindow(50, Duration.ofDays(366)));
    private static final Policy TRIED =
            Policy.of("tried", Limit.tokenBucket(1, Duration.ofDays(365))).shadow();

    private final AtomicLong nowMicros = new AtomicLong(ORIGIN);
    private final MemoryStore store = new MemoryStore(nowMicros::get);
    private final List<String> notified = new ArrayList<>();
    private final Weir weir = Weir.builder()
            .store(store)
            .policies(List.of(SEARCH, EXPORT, TRIED))
            .listener(new LimiterListener() {
                @Override
                public void onDecision(Decision decision, long cost) {
                    synchronized (notified) {
                        notified.add("%s %d %s".formatted(decision.policy(), cost, decision.permitted()));
                    }
                }
            })
            .build();

    @BeforeEach
    void createBuckets() {
        weir.limits().createBucket("narrow", 1, 5);
        weir.limits().createBucket("wide", 1, 100);
    }

    @AfterEach
    void close() {
        weir.close();
    }

    @Test
    void tryAcquire_clientAndBuckets_allChargedAndNotifiedInTheOrderAsked() {
        Decisions decisions = ask(
                List.of(new PolicyCost("export", 3), new PolicyCost("search", 2)),
                new BucketCost("wide", 4),
                new BucketCost("narrow", 5));

        assertThat(decisions.permitted()).isTrue();
        assertThat(decisions.each())
                .extracting(decision -> decision.policy() + " " + decision.remaining())
                .containsExactly("export 47", "search 8", "bucket 96", "bucket 0");
        assertThat(decisions.binding().limit()).isEqualTo(Limit.tokenBucket(1, Duration.ofSeconds(1), 5));
        assertThat(notified).containsExactly("export 3 true", "search 2 true", "bucket 4 true", "bucket 5 true");
        assertThat(left("export", "search")).containsExactly(47L, 8L);
        assertThat(leftOf("wide", "narrow")).containsExactly(96L, 0L);
    }

    @Test
    void tryAcquire_bucketAlone_noPolicyNeeded() {
        assertThat(ask(List.of(), new BucketCost("narrow", 5)).permitted()).isTrue();
        assertThat(ask(List.of(), new BucketCost("narrow", 1)).permitted()).isFalse();
    }

    @Test
    void tryAcquire_narrowerClientRefuses_bucketNotEvenAsked() {
        Decisions decisions = ask(List.of(new PolicyCost("search", 11)), new BucketCost("wide", 1));

        assertThat(decisions.permitted()).isFalse();
        assertThat(decisions.each()).extracting(Decision::policy).containsExactly("search");
        assertThat(leftOf("wide")).containsExactly(100L);
    }

    @Test
    void tryAcquire_narrowerBucketKnownHereRefuses_clientIsGivenBack() {
        take("narrow", 1);

        Decisions decisions = ask(List.of(new PolicyCost("search", 1)), new BucketCost("narrow", 6));

        assertThat(decisions.each()).extracting(Decision::policy).containsExactly("search", "bucket");
        assertThat(decisions.binding().reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(left("search")).containsExactly(10L);
    }

    @Test
    void tryAcquire_equalCapacities_clientFirst() {
        weir.limits().createBucket("ten", 1, 10);
        take("ten", 10);
        weir.limiter("search").tryAcquire("alice", 10);

        Decisions decisions = ask(List.of(new PolicyCost("search", 1)), new BucketCost("ten", 1));

        assertThat(decisions.each()).extracting(Decision::policy).containsExactly("search");
    }

    /** Nor does it touch those that it shares with others: used up or not, narrower than its limit or not. */
    @Test
    void tryAcquire_clientAboveItsLimitNamesBucketsThatAreKnownHere_answersAreAlike() {
        take("narrow", 5);
        take("wide", 1);
        weir.limiter("search").tryAcquire("alice", 10);

        for (String bucket : List.of("narrow", "wide", "nowhere")) {
            Decisions decisions = ask(List.of(new PolicyCost("search", 1)), new BucketCost(bucket, 1));

            assertThat(decisions.each()).extracting(Decision::policy).containsExactly("search");
        }
        assertThat(leftOf("narrow", "wide")).containsExactly(0L, 99L);
    }

    @Test
    void tryAcquire_widerRefuses_narrowerOnesGetBackWhatTheyGave() {
        take("wide", 100);
        take("narrow", 1);

        Decisions decisions = ask(
                List.of(new PolicyCost("search", 2), new PolicyCost("export", 1)),
                new BucketCost("narrow", 3),
                new BucketCost("wide", 1));

        assertThat(decisions.permitted()).isFalse();
        assertThat(decisions.each())
                .extracting(decision -> decision.policy() + " " + decision.permitted() + " " + decision.remaining())
                .containsExactly("search true 10", "export true 50", "bucket true 4", "bucket false 0");
        assertThat(decisions.binding().limit().capacity()).isEqualTo(100);
        assertThat(notified).containsExactly("search 2 true", "export 1 true", "bucket 3 true", "bucket 1 false");
        assertThat(left("search", "export")).containsExactly(10L, 50L);
        assertThat(leftOf("narrow")).containsExactly(4L);
    }

    @Test
    void tryAcquire_timePassesBeforeItIsGivenBack_notGivenBackTwice() {
        take("wide", 100);
        // What is asked next finds the clock three seconds later: three permits of the narrow bucket have come back by
        // then.
        Runnable later = () -> nowMicros.addAndGet(3_000_000);
        try (Weir slow = Weir.builder().store(slowedBy(later)).build()) {
            slow.tryAcquire("alice", List.of(), List.of(new BucketCost("narrow", 5), new BucketCost("wide", 50)));
        }

        assertThat(leftOf("narrow")).containsExactly(5L);
        take("narrow", 5);
        assertThat(leftOf("narrow")).containsExactly(0L);
    }

    @Test
    void tryAcquire_bucketThatDoesNotExist_thrownAndOnlyTheClientCharged() {
        assertThatThrownBy(() -> ask(
                        List.of(new PolicyCost("search", 1)),
                        new BucketCost("narrow", 1),
                        new BucketCost("nowhere", 1)))
                .isInstanceOf(UnknownBucketException.class);

        assertThat(notified).containsExactly("search 1 true");
        assertThat(left("search")).containsExactly(9L);
        assertThat(leftOf("narrow")).containsExactly(5L);
    }

    @Test
    void tryAcquire_bucketDeletedUnnoticed_thrownAndOnlyTheClientCharged() {
        ask(List.of(), new BucketCost("wide", 1)); // From now on this instance knows it.
        try (Weir other = Weir.builder().store(notClosed()).build()) {
            other.limits().deleteBucket("wide");
        }

        assertThatThrownBy(() -> ask(
                        List.of(new PolicyCost("search", 4)), new BucketCost("narrow", 1), new BucketCost("wide", 1)))
                .isInstanceOf(UnknownBucketException.class);

        assertThat(left("search")).containsExactly(6L);
        assertThat(leftOf("narrow")).containsExactly(5L);
    }

    @Test
    void tryAcquire_clientAboveItsLimitNamesRandomBuckets_noneIsLookedUpNorDistinguishedFromOneThatExists() {
        FaultyStore asked = new FaultyStore(store);
        try (Weir other = open(asked)) {
            other.limiter("search").tryAcquire("alice", 10);
            int before = asked.questions.get();
            for (int i = 0; i < 100; i++) {
                String id = i % 2 == 0 ? "wide" : "random " + i;
                Decisions refused =
                        other.tryAcquire("alice", List.of(new PolicyCost("search", 1)), List.of(new BucketCost(id, 1)));
                assertThat(refused.each()).extracting(Decision::policy).containsExactly("search");
            }
            assertThat(asked.questions.get() - before).isEqualTo(100);
        }
    }

    @Test
    void tryAcquire_clientNamesRandomBuckets_findsOutNoMoreThanItsLimit() {
        int unknown = 0;
        for (int i = 0; i < 100; i++) {
            BucketCost random = new BucketCost("random " + i, 1);
            try {
                assertThat(ask(List.of(new PolicyCost("search", 1)), random).permitted())
                        .isFalse();
            } catch (UnknownBucketException e) {
                unknown++;
            }
        }
        assertThat(unknown).isEqualTo(10);
    }

    @Test
    void tryAcquire_shadowBucketThatDoesNotExist_inNobodysWayAndClientChargedOnce() {
        List<PolicyCost> search = List.of(new PolicyCost("search", 1));
        BucketCost tried = new BucketCost("nowhere", 1, true);

        Decisions decisions = ask(search, tried, new BucketCost("wide", 1));

        assertThat(decisions.each()).extracting(Decision::policy).containsExactly("search", "bucket");
        assertThat(decisions.permitted()).isTrue();
        assertThat(left("search")).containsExactly(9L);
        assertThatThrownBy(() -> ask(List.of(), tried)).isInstanceOf(UnknownBucketException.class);
    }

    @Test
    void tryAcquire_policyThatDoesNotExist_thrownAndNothingCharged() {
        assertThatThrownBy(() -> ask(List.of(new PolicyCost("nope", 1)), new BucketCost("narrow", 1)))
                .isInstanceOf(UnknownPolicyException.class);

        assertThat(leftOf("narrow")).containsExactly(5L);
    }

    @Test
    void tryAcquire_shadows_countedAndNeverInTheWay() {
        List<PolicyCost> costs = List.of(new PolicyCost("tried", 1), new PolicyCost("search", 4));
        BucketCost shadow = new BucketCost("narrow", 4, true);
        BucketCost wide = new BucketCost("wide", 60);

        Decisions first = ask(costs, shadow, wide);
        Decisions second = ask(costs, shadow, new BucketCost("wide", 40));
        Decisions third = ask(costs, shadow, wide);

        assertThat(first.each()).extracting(Decision::reason).containsOnly(Reason.OK);
        assertThat(second.permitted()).isTrue();
        assertThat(second.each())
                .extracting(Decision::reason)
                .containsExactly(Reason.LIMIT, Reason.OK, Reason.LIMIT, Reason.OK);
        assertThat(third.permitted()).isFalse();
        assertThat(third.each()).extracting(Decision::policy).containsExactly("search");
        assertThat(leftOf("narrow", "wide")).containsExactly(1L, 0L);
    }

    @Test
    void tryAcquire_namedTwice_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ask(List.of(), new BucketCost("wide", 1), new BucketCost("wide", 2)))
                .withMessage("bucket 'wide' is named twice");
    }

    @Test
    void bucketCost_outOfRange_saidWithTheBound() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BucketCost("", 1))
                .withMessage("a bucket's id must have 1 to 256 bytes in UTF-8, but has 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BucketCost("wide", 0))
                .withMessage("cost must be a whole number from 1 to 9007199254740992, but is 0");
    }

    @Test
    void policyCalledBucket_refused() {
        Policy bucket = Policy.of("bucket", SEARCH.limit());
        String why = "'bucket' is reserved: decisions on named buckets report it as their policy";

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Weir.builder().policy(bucket).build())
                .withMessage(why);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.reconfigure(List.of(bucket)))
                .withMessage(why);
        assertThat(weir.policies()).containsKey("search");
    }

    /** Half of the requests are refused by the bucket after their client was charged, while others come in between. */
    @Test
    void tryAcquire_manyThreads_chargedIsWhatWasPermitted() throws Exception {
        weir.limits().createBucket("shared", 1, 200);
        AtomicLong permitted = new AtomicLong();
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                String client = "client " + thread % 4;
                running.add(executor.submit(() -> {
                    start.await();
                    for (int i = 0; i < 50; i++) {
                        Decisions decisions = weir.tryAcquire(
                                client, List.of(new PolicyCost("export", 1)), List.of(new BucketCost("shared", 3)));
                        permitted.addAndGet(decisions.permitted() ? 1 : 0);
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> thread : running) {
                thread.get(30, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }

        assertThat(permitted).hasValue(66);
        long usedByClients = 0;
        for (int i = 0; i < 4; i++) {
            usedByClients +=
                    50 - weir.limiter("export").tryAcquire("client " + i, 51).remaining();
        }
        assertThat(usedByClients).isEqualTo(66);
        assertThat(leftOf("shared")).containsExactly(2L);
    }

    @Test
    void tryAcquire_storeDown_sharesAreAllChargedOrNone() {
        FaultyStore faulty = new FaultyStore().sharedBy(2);
        try (Weir other = open(faulty)) {
            other.limits().createBucket("wide", 1, 200);
            other.bucket("wide").tryAcquire(1); // Known here from now on: 199 are left, a hundred of them here.
            faulty.fail(Fault.UNREACHABLE);
            BucketCost half = new BucketCost("wide", 60);

            Decisions first = other.tryAcquire("alice", List.of(new PolicyCost("search", 2)), List.of(half));
            Decisions second = other.tryAcquire("alice", List.of(new PolicyCost("search", 2)), List.of(half));

            assertThat(first.permitted()).isTrue();
            assertThat(second.each()).extracting(Decision::permitted).containsExactly(true, false);
            assertThat(other.limiter("search").tryAcquire("alice", 11).remaining())
                    .isEqualTo(3); // of its share of 5
        }
    }

    @Test
    void tryAcquire_storeGoesBetweenTwoSubjects_whatItWasChargedIsLostAndNothingIsCreated() {
        FaultyStore faulty = new FaultyStore();
        try (Weir other = open(faulty)) {
            other.limits().createBucket("wide", 1, 200);
            other.bucket("wide").tryAcquire(200);
            faulty.afterDecision = () -> faulty.fail(Fault.UNREACHABLE);

            Decisions decisions = other.tryAcquire(
                    "alice", List.of(new PolicyCost("search", 2)), List.of(new BucketCost("wide", 60)));

            assertThat(decisions.each()).extracting(Decision::permitted).containsExactly(true, false);
            assertThat(faulty.shared
                            .decide("alice", List.of(new Charge("search", SEARCH.limit(), 11)), null)
                            .decisions()
                            .get(0)
                            .remaining())
                    .isEqualTo(8);
            assertThat(other.limiter("search").tryAcquire("alice", 11).remaining())
                    .isEqualTo(8);
        }
    }

    @Test
    void tryAcquire_storeBackBetweenTwoSubjects_eachIsGivenBackWhereItWasTaken() {
        FaultyStore faulty = new FaultyStore();
        try (Weir other = open(faulty)) {
            other.limits().createBucket("wide", 1, 200);
            other.bucket("wide").tryAcquire(200);
            faulty.ofDecisions = Fault.ERROR; // The store stays up, and fails this one call.
            faulty.afterDecision = () -> faulty.ofDecisions = Fault.NONE;

            Decisions decisions = other.tryAcquire(
                    "alice", List.of(new PolicyCost("search", 2)), List.of(new BucketCost("wide", 60)));

            assertThat(decisions.each()).extracting(Decision::permitted).containsExactly(true, false);
            assertThat(other.limiter("search").tryAcquire("alice", 11).remaining())
                    .isEqualTo(10);
            faulty.fail(Fault.UNREACHABLE);
            assertThat(other.limiter("search").tryAcquire("alice", 11).remaining())
                    .isEqualTo(10);
        }
    }

    @Test
    void tryAcquire_storeDownAndBucketNeverSeen_rejectedAndNothingCharged() {
        FaultyStore faulty = new FaultyStore();
        try (Weir other = open(faulty)) {
            faulty.fail(Fault.UNREACHABLE);
            List<PolicyCost> two = List.of(new PolicyCost("search", 2));

            Decisions decisions = other.tryAcquire("alice", two, List.of(new BucketCost("wide", 1)));
            Decisions tried = other.tryAcquire("alice", two, List.of(new BucketCost("wide", 1, true)));

            assertThat(decisions.each())
                    .extracting(Decision::reason)
                    .containsExactly(Reason.OK, Reason.STORE_UNAVAILABLE);
            assertThat(decisions.permitted()).isFalse();
            assertThat(tried.permitted()).isTrue();
            assertThat(other.limiter("search").tryAcquire("alice", 11).remaining())
                    .isEqualTo(8);
        }
    }

    /** A lease decides by itself; but what it decides is not the store's to give back. */
    @Test
    void tryAcquire_permitsOfTheClientAreLeased_theStoreDecidesAndGivesBackWhatItCharged() {
        FaultyStore shared = new FaultyStore(store);
        Policy large = Policy.of("large", Limit.tokenBucket(10_000, Duration.ofSeconds(100)));
        long beganNanos = System.nanoTime();
        try (Weir leasing = Weir.builder().store(shared).policy(large).build()) {
            leasing.limits().createBucket("empty", 1, 20_000);
            leasing.bucket("empty").tryAcquire(20_000);
            AtomicLong spent = new AtomicLong();
            await().until(() -> {
                for (int i = 0; i < 100; i++) {
                    spent.addAndGet(leasing.limiter("large").allow("alice") ? 1 : 0);
                }
                return ((TokenBucketState) store.state("alice", "large")).held().permits() > 0;
            });
            int questions = shared.questions.get();

            for (int i = 0; i < 10; i++) {
                Decisions refused = leasing.tryAcquire(
                        "alice", List.of(new PolicyCost("large", 10)), List.of(new BucketCost("empty", 1)));
                assertThat(refused.each()).extracting(Decision::permitted).containsExactly(true, false);
            }

            assertThat(shared.questions.get() - questions).isGreaterThanOrEqualTo(20);
            long unit = ((TokenBucket) large.limit()).unit();
            TokenBucketState after = (TokenBucketState) store.state("alice", "large");
            long drained = (System.nanoTime() - beganNanos) / 10_000_000 + 1;
            assertThat(after.used() / unit)
                    .isBetween(spent.get() - drained, spent.get() + after.held().permits());
        }
    }

    private static Weir open(FaultyStore store) {
        return Weir.builder().store(store).policy(SEARCH).build();
    }

    /** The store of these tests, after whose every decision something happens. */
    private Store slowedBy(Runnable afterDecision) {
        FaultyStore slow = new FaultyStore(store);
        slow.afterDecision = afterDecision;
        return slow;
    }

    private Store notClosed() {
        return slowedBy(() -> {});
    }

    private Decisions ask(List<PolicyCost> costs, BucketCost... buckets) {
        return weir.tryAcquire("alice", costs, List.of(buckets));
    }

    private void take(String bucket, long cost) {
        assertThat(weir.bucket(bucket).tryAcquire(cost).permitted()).isTrue();
        notified.clear();
    }

    private List<Long> left(String... policies) {
        return List.of(policies).stream()
                .map(policy -> weir.limiter(policy).tryAcquire("alice", 51).remaining())
                .toList();
    }

    private List<Long> leftOf(String... buckets) {
        return List.of(buckets).stream()
                .map(bucket -> weir.bucket(bucket).tryAcquire(201).remaining())
                .toList();
    }
}
