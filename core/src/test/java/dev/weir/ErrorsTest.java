package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.Failing;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
import dev.weir.store.GuardedTask;
import dev.weir.store.LeasableStore;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.Logged;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Errors of the virtual machine end nothing but what they happen in: requests are answered, and what runs in the
 * background goes on.
 */
class ErrorsTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final List<Weir> opened = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final Logged logged = new Logged();

    /** What applications write by mistake. */
    private final LimiterListener broken = new LimiterListener() {
        @Override
        public void onDecision(Decision decision, long cost) {
            calls.incrementAndGet();
            Failing.stackOverflow();
        }

        @Override
        public void onLeaseUse(String policy, LeaseUse use) {
            calls.incrementAndGet();
            Failing.outOfMemory();
        }

        @Override
        public void onStoreAnswer(long nanos) {
            throw new NoClassDefFoundError("com/example/Metrics");
        }

        @Override
        public void onStoreFailure(StoreException.Kind kind, long nanos) {
            throw new IllegalStateException("a counter is missing");
        }

        @Override
        public void onStoreChange(boolean up) {
            calls.incrementAndGet();
            throw new NoClassDefFoundError("com/example/Metrics");
        }
    };

    @AfterEach
    void close() {
        opened.forEach(Weir::close);
        logged.close();
    }

    @Test
    void noThreadForAProbe_requestIsAnswered_andTheNextFailureIsProbedAtOnce() {
        VirtualScheduler time = new VirtualScheduler();
        FaultyStore store = new FaultyStore();
        Policy search = Policy.of("search", Limit.tokenBucket(10, LONG));
        Weir weir = Weir.builder().store(store).scheduler(time).policy(search).build();
        opened.add(weir);
        time.advance(Duration.ofSeconds(1).toNanos());
        store.ofDecisions = Fault.ERROR;

        time.isExhausted = true;
        assertThat(weir.limiter("search").allow("alice")).isTrue();
        time.isExhausted = false;
        int before = store.heartbeats.get();
        assertThat(weir.limiter("search").allow("alice")).isTrue();
        time.advance(Duration.ofMillis(1).toNanos());

        assertThat(store.heartbeats).hasValueGreaterThan(before);
    }

    private Weir open(Store store, Policy... policies) {
        Weir weir = Weir.builder()
                .store(store)
                .listener(broken)
                .storeDeadline(Duration.ofSeconds(5))
                .policies(List.of(policies))
                .build();
        opened.add(weir);
        return weir;
    }

    @Test
    void listenerOfDecisions_requestsAreAnsweredAndChargedOnce() {
        for (Store store : List.of(new MemoryStore(), new FaultyStore())) {
            RateLimiter limiter = open(store, Policy.of("p", Limit.fixedWindow(3, Duration.ofDays(1))))
                    .limiter("p");
            int before = calls.get();

            assertThat(limiter.allow("alice")).isTrue();
            assertThat(limiter.tryAcquire("alice").remaining()).isEqualTo(1);
            assertThat(calls.get() - before).isEqualTo(2);
        }
        assertThat(warnings())
                .as("one for each limiter")
                .hasSize(2)
                .allSatisfy(warning -> assertThat(warning).contains(getClass().getName(), "failed in"));
    }

    @Test
    void listenerOfLeases_leasesStillEnd() throws InterruptedException {
        try (MemoryStore memory = new MemoryStore(() -> 1_700_000_000_000_000L)) {
            LeasableStore store = new LeasableStore(1, memory);
            Limit limit = Limit.tokenBucket(1_000, Duration.ofSeconds(10));
            RateLimiter limiter = open(store, Policy.of("p", limit)).limiter("p");
            for (int i = 0; i < 100; i++) {
                assertThat(limiter.allow("alice")).isTrue();
            }
            await().until(() -> calls.get() > 0);

            // Given back when nothing was spent for 100 ms: then another instance has all that is left.
            StoreRequest all = StoreRequest.of("alice", List.of(new Charge("p", limit, 900)));
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> memory.decide(all) instanceof StoreReply.Decided decided
                            && decided.decisions().get(0).permitted());
        }
    }

    @Test
    void listenerOfTheStore_heartbeatsGoOnAndTheStoreComesBack() {
        FaultyStore store = new FaultyStore();
        Weir weir = open(store, Policy.of("p", Limit.tokenBucket(10, Duration.ofDays(365))));

        store.fail(Fault.UNREACHABLE);
        await().until(() -> !weir.storeUp());
        int beats = store.heartbeats.get();
        await().until(() -> store.heartbeats.get() > beats + 1);
        store.fail(Fault.NONE);

        await().until(weir::storeUp);
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void listenerWhileDraining_noRequestIsLeftWaiting() {
        Weir weir = open(
                new MemoryStore(),
                Policy.of("p", Limit.fixedWindow(1, Duration.ofDays(1))).maxDelay(LONG));
        weir.limiter("p").allow("alice");
        List<CompletableFuture<Decision>> parked = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            // A day is longer than any request waits: but each client's first is asked for again within a second.
            parked.add(weir.limiter("p").acquireAsync("alice", LONG));
        }

        weir.drain();

        assertThat(parked).allSatisfy(each -> assertThat(each).succeedsWithin(Duration.ofSeconds(5)));
    }

    @Test
    void listenerOfAQueuedRequest_isAnsweredInItsTurn() {
        Weir weir = open(
                new MemoryStore(),
                Policy.of("p", Limit.tokenBucket(20, Duration.ofSeconds(1), 1)).maxDelay(LONG));
        List<CompletableFuture<Decision>> turns = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            turns.add(weir.limiter("p").acquireAsync("alice", LONG));
        }

        assertThat(turns).allSatisfy(turn -> assertThat(turn).succeedsWithin(Duration.ofSeconds(10)));
    }

    @Test
    void storeThatThrows_requestsAreDecidedAndItComesBack() {
        FaultyStore store = new FaultyStore();
        Weir weir = open(store, Policy.of("p", Limit.tokenBucket(10, Duration.ofDays(365))));

        store.fail(Fault.OUT_OF_MEMORY);
        assertThat(weir.limiter("p").allow("alice")).isTrue();
        await().until(() -> !weir.storeUp());
        store.fail(Fault.NONE);

        await().until(weir::storeUp);
    }

    @Test
    void storeThatThrowsAtLeases_theyAreAskedForAgain() {
        try (MemoryStore memory = new MemoryStore()) {
            LeasableStore store = new LeasableStore(1, memory);
            RateLimiter limiter = open(store, Policy.of("p", Limit.tokenBucket(1_000_000, Duration.ofSeconds(10))))
                    .limiter("p");
            store.fault = LeasableStore.Fault.OUT_OF_MEMORY;
            for (int i = 0; i < 100; i++) {
                limiter.allow("alice");
            }
            store.fault = LeasableStore.Fault.NONE;
            long before = store.calls.get();

            await().until(() -> {
                limiter.allow("alice");
                return calls.get() > 0 && store.calls.get() > before;
            });
            await().until(() -> {
                long asked = store.calls.get();
                for (int i = 0; i < 50; i++) {
                    limiter.allow("alice");
                }
                return store.calls.get() - asked < 10;
            });
        }
    }

    @Test
    void clockOfTheMemoryStore_sweepsGoOn() {
        AtomicLong nowMicros = new AtomicLong(1_000_000_000);
        AtomicInteger sweeps = new AtomicInteger();
        try (MemoryStore store = new MemoryStore(() -> {
            boolean isSweep = Thread.currentThread().getName().startsWith("weir-memory-store");
            return isSweep && sweeps.incrementAndGet() == 1 ? Failing.stackOverflow() : nowMicros.get();
        })) {
            store.tryAcquire(StoreRequest.of(
                    "alice", List.of(new Charge("p", Limit.fixedWindow(1, Duration.ofSeconds(1)), 1))));
            nowMicros.addAndGet(60_000_000);

            await().until(() -> store.size() == 0);
        }
    }

    @Test
    void guardedTask_failsAgainAndAgain_saidOnceUntilItHasRun() {
        AtomicInteger runs = new AtomicInteger();
        GuardedTask task = new GuardedTask("looking", () -> {
            if (runs.incrementAndGet() != 3) {
                Failing.stackOverflow();
            }
        });
        for (int i = 0; i < 6; i++) {
            task.run();
        }

        assertThat(warnings())
                .containsExactly(
                        "SEVERE looking failed, and is tried again", "SEVERE looking failed, and is tried again");
    }

    /** But for those of the store, which some of these tests take down. */
    private List<String> warnings() {
        return logged.lines().stream()
                .filter(line -> !line.startsWith("INFO") && !line.contains("the store is down"))
                .toList();
    }
}
