package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
import dev.weir.store.LimiterListener;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Requests that wait for their turn: real threads, and the real memory store. Where time must not decide a test, the
 * store's clock stands until the test moves it: requests ask again in real time, but pass only then.
 */
class DelayQueueTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    /** A permit every 10 ms, one at once. */
    private static final Limit STEADY = Limit.tokenBucket(100, Duration.ofSeconds(1), 1);

    private final AtomicLong nowMicros = new AtomicLong(1_700_000_000_000_000L);
    private final MemoryStore store = new MemoryStore(nowMicros::get);
    private final Queue<String> notified = new ConcurrentLinkedQueue<>();
    private final Weir weir = Weir.builder()
            .store(store)
            .policy(Policy.of("report", STEADY).maxDelay(LONG))
            .policy(Policy.of("hour", Limit.tokenBucket(1, Duration.ofHours(1))).maxDelay(LONG))
            .policy(Policy.of("slow", Limit.tokenBucket(1, Duration.ofSeconds(1)))
                    .maxDelay(LONG))
            .policy(Policy.of("window", Limit.fixedWindow(3, Duration.ofMinutes(5)))
                    .maxDelay(LONG))
            .policy(Policy.of("strict", Limit.tokenBucket(3, Duration.ofHours(1))))
            .waiting(4, 6)
            .listener(new LimiterListener() {
                @Override
                public void onDecision(Decision decision, long cost) {
                    notified.add("%s %d %s".formatted(decision.policy(), cost, decision.reason()));
                }
            })
            .build();
    private final RateLimiter report = weir.limiter("report");

    @AfterEach
    void close() {
        weir.close();
    }

    private CompletableFuture<Decision> acquire(String client, long cost) {
        return report.acquireAsync(Acquisition.of(client).cost(cost), LONG);
    }

    private CompletableFuture<Decision> acquire(String client) {
        return acquire(client, 1);
    }

    /** Lets permits come free. */
    private void free(int permits) {
        nowMicros.addAndGet(permits * 10_000L);
    }

    private static void awaitDone(CompletableFuture<?> future) {
        await().until(future::isDone);
    }

    private static Rejected rejected(CompletableFuture<Decision> answer) {
        assertThat(answer).isDone();
        return (Rejected) answer.join();
    }

    private QueuedRequest request() {
        PolicyCost cost = new PolicyCost("report", 1);
        return new QueuedRequest(
                weir.decider(), weir.listener(), "alice", List.of(cost), List.of(), List.of(cost), LONG);
    }

    @Test
    void noThreadForANewRequest_itFails_andLeavesNothingInTheLine() {
        acquire("alice");
        VirtualScheduler time = new VirtualScheduler();
        DelayQueue queue = new DelayQueue(4, 6, time);
        time.isExhausted = true;

        assertThatThrownBy(() -> queue.acquire(request())).isInstanceOf(InternalError.class);

        assertThat(queue.size()).isZero();
        queue.drain();
    }

    @Test
    void noThreadForTheNextTurn_theRequestWhoseTurnItIsIsAnswered() {
        acquire("alice");
        VirtualScheduler time = new VirtualScheduler();
        DelayQueue queue = new DelayQueue(4, 6, time);
        CompletableFuture<Decisions> first = queue.acquire(request());
        queue.acquire(request());
        time.isExhausted = true;

        time.advance(LONG.toNanos());

        assertThat(first).isCompletedExceptionally();
        assertThat(queue.size()).isOne();
        queue.drain();
    }

    @Test
    void withinTheLimit_nothingWaits() {
        assertThat(acquire("alice")).isCompletedWithValueMatching(Decision::permitted);
        assertThat(weir.waiting()).isZero();
    }

    @Test
    void aboveTheLimit_itPassesWhenItsTurnHasCome_andIsChargedOnce() {
        acquire("alice");
        CompletableFuture<Decision> second = acquire("alice");
        assertThat(second).isNotDone();
        assertThat(weir.waiting()).isOne();

        free(1);

        awaitDone(second);
        assertThat(second.join().permitted()).isTrue();
        assertThat(second.join().remaining()).isZero();
        assertThat(weir.waiting()).isZero();
        assertThat(notified).containsExactly("report 1 OK", "report 1 OK");
    }

    @Test
    void requestsOfAClient_passInTheOrderInWhichTheyCame() {
        List<Integer> passed = new ArrayList<>();
        acquire("alice");
        List<CompletableFuture<?>> parked = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            parked.add(acquire("alice").thenAccept(decision -> {
                synchronized (passed) {
                    passed.add(number);
                }
            }));
        }
        for (int i = 0; i < 4; i++) {
            free(1);
            awaitDone(parked.get(i));
            synchronized (passed) {
                assertThat(passed).hasSize(i + 1);
            }
        }
        assertThat(passed).containsExactly(0, 1, 2, 3);
    }

    @Test
    void queuedRequest_isServedBeforeLaterArrivals() {
        acquire("alice");
        CompletableFuture<Decision> first = acquire("alice");
        free(1);
        CompletableFuture<Decision> late = acquire("alice"); // There is a permit now, but it is not for this one.
        awaitDone(first);
        assertThat(late).isNotDone();
    }

    @Test
    void clients_doNotWaitForEachOther() {
        acquire("alice");
        acquire("alice");
        assertThat(acquire("bob")).isCompletedWithValueMatching(Decision::permitted);
    }

    @Test
    void requestThatWouldWaitTooLong_isRejectedAtOnce_withTheWait() {
        RateLimiter hour = weir.limiter("hour");
        hour.tryAcquire("alice");
        Rejected rejected = rejected(hour.acquireAsync("alice", LONG));
        assertThat(rejected.reason()).isEqualTo(Reason.LIMIT);
        assertThat(rejected.retryAfter()).contains(Duration.ofHours(1));
        assertThat(weir.waiting()).isZero();
    }

    @Test
    void whatStandsBefore_countsForTheWait() {
        RateLimiter slow = weir.limiter("slow");
        slow.tryAcquire("alice");
        slow.acquireAsync("alice", LONG);
        slow.acquireAsync("alice", LONG);
        // A second for the first, and one more for each that follows.
        Rejected rejected = rejected(slow.acquireAsync("alice", Duration.ofMillis(2_500)));
        assertThat(rejected.reason()).isEqualTo(Reason.LIMIT);
        assertThat(rejected.retryAfter().orElseThrow()).isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(3));
    }

    @Test
    void aWindow_opensForAllThatFit() {
        RateLimiter window = weir.limiter("window");
        nowMicros.set(nowMicros.get() / 300_000_000L * 300_000_000L); // At the beginning of a window.
        window.tryAcquire("alice", 3);
        List<CompletableFuture<Decision>> parked = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            parked.add(window.acquireAsync("alice", Duration.ofSeconds(301)));
        }
        assertThat(parked).noneMatch(CompletableFuture::isDone);
        // Three fit into the next window, the fourth goes into the one after it.
        assertThat(rejected(window.acquireAsync("alice", Duration.ofSeconds(301)))
                        .retryAfter()
                        .orElseThrow())
                .isBetween(Duration.ofSeconds(590), Duration.ofSeconds(600));
        nowMicros.addAndGet(300_000_000L);
        for (CompletableFuture<Decision> each : parked) {
            awaitDone(each);
            assertThat(each.join().permitted()).isTrue();
        }
    }

    @Test
    void whoseTimeIsOver_isRejected_whereverItStands() {
        acquire("alice");
        CompletableFuture<Decision> first = report.acquireAsync("alice", Duration.ofMillis(100));
        CompletableFuture<Decision> second = report.acquireAsync("alice", Duration.ofMillis(100));
        CompletableFuture<Decision> third = acquire("alice");
        awaitDone(first);
        awaitDone(second);
        assertThat(rejected(first).reason()).isEqualTo(Reason.LIMIT);
        assertThat(rejected(first).retryAfter()).isPresent();
        assertThat(rejected(second).reason()).isEqualTo(Reason.LIMIT);
        assertThat(rejected(second).retryAfter()).isPresent();
        assertThat(third).isNotDone();
        assertThat(weir.waiting()).isOne();
        free(1);
        awaitDone(third);
        assertThat(third.join().permitted()).isTrue();
        assertThat(notified).hasSize(4);
    }

    @Test
    void aLine_isBounded() {
        RateLimiter slow = weir.limiter("slow");
        slow.tryAcquire("alice");
        for (int i = 0; i < 4; i++) {
            assertThat(slow.acquireAsync("alice", LONG)).isNotDone();
        }
        Rejected rejected = rejected(slow.acquireAsync("alice", LONG));
        assertThat(rejected.reason()).isEqualTo(Reason.QUEUE_FULL);
        assertThat(rejected.source()).isEqualTo(Source.LOCAL);
        // Four stand before it, a second each, of which a little has passed.
        assertThat(rejected.retryAfter().orElseThrow()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
        assertThat(notified).contains("slow 1 QUEUE_FULL");
    }

    @Test
    void allLinesTogether_areBounded() {
        for (String client : List.of("alice", "bob", "carol", "dave", "eve", "frank")) {
            acquire(client);
            assertThat(acquire(client)).isNotDone();
        }
        acquire("grace");
        assertThat(rejected(acquire("grace")).reason()).isEqualTo(Reason.QUEUE_FULL);
        assertThat(rejected(acquire("alice")).reason()).isEqualTo(Reason.QUEUE_FULL);
    }

    @Test
    void cancelledRequest_makesRoomForTheOnesBehind() {
        acquire("alice");
        CompletableFuture<Decision> first = acquire("alice");
        CompletableFuture<Decision> second = acquire("alice");
        CompletableFuture<Decision> third = acquire("alice");
        second.cancel(false);
        first.cancel(false);
        await().until(() -> weir.waiting() == 1);
        free(1);
        awaitDone(third);
        assertThat(third.join().permitted()).isTrue();
        assertThat(notified).containsExactly("report 1 OK", "report 1 OK");
    }

    @Test
    void theLastToGiveUp_leavesNothingBehind() {
        acquire("alice");
        acquire("alice").cancel(false);
        assertThat(weir.waiting()).isZero();
        free(1);
        assertThat(acquire("alice")).isCompletedWithValueMatching(Decision::permitted);
    }

    @Test
    void whatCanNeverPass_isRejectedAtOnce_evenBehindOthers() {
        assertThat(rejected(acquire("alice", 2)).reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        acquire("alice");
        acquire("alice");
        assertThat(rejected(acquire("alice", 2)).reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
    }

    @Test
    void aTimestampOfItsOwn_isDecidedAtThatMoment() {
        acquire("alice");
        Instant now = Instant.ofEpochMilli(nowMicros.get() / 1_000);
        assertThat(rejected(report.acquireAsync(Acquisition.of("alice").at(now), LONG))
                        .reason())
                .isEqualTo(Reason.LIMIT);
    }

    @Test
    void theWait_isBounded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> report.acquireAsync("alice", Duration.ofMillis(-1)))
                .withMessage("max-delay must be from PT0S to PT10M, but is PT-0.001S");
        assertThatIllegalArgumentException().isThrownBy(() -> report.acquireAsync("alice", LONG.plusNanos(1)));
        acquire("alice");
        assertThat(rejected(report.acquireAsync("alice", Duration.ZERO)).reason())
                .isEqualTo(Reason.LIMIT);
    }

    @Test
    void severalPolicies_waitUntilAllPermit_andAreChargedTogether() {
        List<PolicyCost> both = List.of(new PolicyCost("report", 1), new PolicyCost("strict", 1));
        assertThat(weir.acquireAsync("alice", both, List.of())).isDone();
        CompletableFuture<Decisions> second = weir.acquireAsync("alice", both, List.of());
        assertThat(second).isNotDone();
        assertThat(weir.limiter("strict").tryAcquire("alice").remaining()).isOne();
        free(1);
        awaitDone(second);
        assertThat(second.join().permitted()).isTrue();
        assertThat(second.join().each()).hasSize(2);
        assertThat(second.join().each().get(1).remaining()).isZero();
    }

    @Test
    void aPolicyThatDoesNotDelay_rejectsAtOnce() {
        weir.limiter("strict").tryAcquire("alice", 3);
        acquire("alice");
        CompletableFuture<Decisions> answer = weir.acquireAsync(
                "alice", List.of(new PolicyCost("report", 1), new PolicyCost("strict", 1)), List.of());
        assertThat(answer).isCompletedWithValueMatching(decisions -> !decisions.permitted());
        assertThat(weir.waiting()).isZero();
    }

    @Test
    void aBucketInTheWay_rejectsAtOnce() {
        weir.limits().createBucket("tenant", 1, 1);
        weir.bucket("tenant").tryAcquire(1);
        CompletableFuture<Decisions> answer =
                weir.acquireAsync("alice", List.of(new PolicyCost("report", 1)), List.of(new BucketCost("tenant", 1)));
        assertThat(answer).isCompletedWithValueMatching(decisions -> !decisions.permitted());
    }

    @Test
    void anAction_waitsInALineOfItsOwn_ifItCountsByItself() {
        Map<String, Rate> pdf = Map.of("pdf", new Rate(100, Duration.ofSeconds(1), 1));
        weir.reconfigure(List.of(
                Policy.of("report", STEADY).with(new ClientTerms(Terms.NONE, pdf, Map.of(), Map.of(), Map.of(), 0))));
        acquire("alice");
        assertThat(acquire("alice")).isNotDone();
        assertThat(report.acquireAsync(Acquisition.of("alice").action("pdf"), LONG))
                .isCompletedWithValueMatching(Decision::permitted);
        free(1);
        assertThat(report.acquireAsync(Acquisition.of("alice").action("other"), LONG))
                .isNotDone();
    }

    @Test
    void shadow_doesNotDelay() {
        List<PolicyCost> tried =
                List.of(new PolicyCost("report", 1, null, null, Terms.NONE, true), new PolicyCost("strict", 1));
        weir.acquireAsync("alice", tried, List.of());
        assertThat(weir.acquireAsync("alice", tried, List.of())).isCompletedWithValueMatching(Decisions::permitted);
    }

    @Test
    void aPolicyThatIsTakenAway_failsQueuedRequests() {
        acquire("alice");
        CompletableFuture<Decision> first = acquire("alice");
        CompletableFuture<Decision> second = acquire("alice");
        weir.reconfigure(List.of());
        awaitDone(first);
        awaitDone(second);
        assertThatThrownBy(first::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(UnknownPolicyException.class);
        assertThat(weir.waiting()).isZero();
    }

    @Test
    void aLimitThatIsRaised_letsWaitersPass() {
        RateLimiter window = weir.limiter("window");
        window.tryAcquire("alice", 3);
        CompletableFuture<Decision> parked = window.acquireAsync("alice", LONG);
        assertThat(parked).isNotDone();
        weir.limits().setRate("window", "alice", 10, Duration.ofMinutes(5));
        awaitDone(parked);
        assertThat(parked.join().permitted()).isTrue();
    }

    @Test
    void drain_rejectsQueuedRequests_andQueuesNoMore() {
        acquire("alice");
        List<CompletableFuture<Decision>> parked = List.of(acquire("alice"), acquire("alice"), acquire("alice"));
        weir.drain();
        for (CompletableFuture<Decision> each : parked) {
            awaitDone(each); // The first one may be asked for just now.
        }
        assertThat(rejected(parked.get(2)).reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
        assertThat(rejected(parked.get(2)).retryAfter()).isPresent();
        assertThat(weir.waiting()).isZero();
        assertThat(rejected(acquire("alice")).reason()).isEqualTo(Reason.LIMIT);
        free(1);
        assertThat(acquire("alice")).isCompletedWithValueMatching(Decision::permitted);
    }

    @Test
    void close_drains() {
        acquire("alice");
        CompletableFuture<Decision> first = acquire("alice");
        CompletableFuture<Decision> second = acquire("alice");
        weir.close();
        awaitDone(first);
        assertThat(second).isDone();
    }

    @Test
    void whileTheStoreIsAway_queuedRequestIsAnsweredAsThePolicySays() {
        FaultyStore faulty = new FaultyStore();
        try (Weir weir = Weir.builder()
                .store(faulty)
                .policy(Policy.of("report", Limit.tokenBucket(2, Duration.ofSeconds(1), 1))
                        .onStoreFailure(OnStoreFailure.REJECT))
                .policy(Policy.of("open", Limit.tokenBucket(2, Duration.ofSeconds(1), 1))
                        .onStoreFailure(OnStoreFailure.PERMIT))
                .build()) {
            weir.limiter("report").tryAcquire("alice");
            weir.limiter("open").tryAcquire("alice");
            CompletableFuture<Decision> rejecting = weir.limiter("report").acquireAsync("alice", LONG);
            CompletableFuture<Decision> permitting = weir.limiter("open").acquireAsync("alice", LONG);
            faulty.fail(Fault.UNREACHABLE);
            awaitDone(rejecting);
            awaitDone(permitting);
            assertThat(rejected(rejecting).reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
            assertThat(permitting.join().permitted()).isTrue();
        }
    }

    @Test
    void onSeveralInstances_allPassInTime_andNeverMoreThanTheLimit() throws Exception {
        MemoryStore shared = new MemoryStore(); // By a real clock.
        Limit limit = Limit.tokenBucket(200, Duration.ofSeconds(1), 5);
        int requests = 60;
        List<Weir> instances = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                instances.add(Weir.builder()
                        .store(new FaultyStore(shared))
                        .policy(Policy.of("report", limit))
                        .build());
            }
            long startNanos = System.nanoTime();
            List<CompletableFuture<Decision>> all = new ArrayList<>();
            Queue<Long> passedNanos = new ConcurrentLinkedQueue<>();
            for (int i = 0; i < requests; i++) {
                for (Weir instance : instances) {
                    all.add(instance.limiter("report")
                            .acquireAsync("alice", LONG)
                            .thenApply(decision -> {
                                passedNanos.add(System.nanoTime());
                                return decision;
                            }));
                }
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).get(60, TimeUnit.SECONDS);
            assertThat(all).allMatch(answer -> answer.join().permitted());
            List<Long> times = passedNanos.stream().sorted().toList();
            for (int i = 0; i < times.size(); i++) {
                double most = 5 + (times.get(i) - startNanos) * 200 / 1e9;
                assertThat(i + 1).isLessThanOrEqualTo((int) Math.floor(most) + 1);
            }
        } finally {
            instances.forEach(Weir::close);
            shared.close();
        }
    }

    @Test
    void underThreadsThatComeAndGiveUp_noTurnIsLost() throws Exception {
        try (Weir weir = Weir.builder()
                .policy(Policy.of("report", Limit.tokenBucket(2_000, Duration.ofSeconds(1), 2)))
                .build()) {
            RateLimiter limiter = weir.limiter("report");
            Queue<CompletableFuture<Decision>> kept = new ConcurrentLinkedQueue<>();
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<?>> running = new ArrayList<>();
                for (int thread = 0; thread < 8; thread++) {
                    Random random = new Random(thread);
                    running.add(threads.submit(() -> {
                        for (int i = 0; i < 300; i++) {
                            String client = "client" + random.nextInt(3);
                            CompletableFuture<Decision> answer = limiter.acquireAsync(client, Duration.ofMinutes(1));
                            if (random.nextInt(3) == 0) {
                                answer.cancel(false);
                            } else {
                                kept.add(answer);
                            }
                        }
                    }));
                }
                for (Future<?> each : running) {
                    each.get(60, TimeUnit.SECONDS);
                }
            } finally {
                threads.shutdownNow();
            }
            CompletableFuture.allOf(kept.toArray(CompletableFuture<?>[]::new)).get(60, TimeUnit.SECONDS);
            assertThat(kept)
                    .allMatch(
                            answer -> answer.join().permitted() || answer.join().reason() == Reason.QUEUE_FULL);
            await().until(() -> weir.waiting() == 0);
        }
    }
}
