package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that wait for their turn while the store takes its time. Its clock stands, unless a test needs none. */
class DelayQueueFaultsTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final AtomicLong nowMicros = new AtomicLong(1_700_000_000_000_000L);
    private final MemoryStore memory = new MemoryStore(nowMicros::get);
    private final FaultyStore store = new FaultyStore(memory);
    private final Weir weir = Weir.builder()
            .store(store)
            .storeDeadline(SECOND)
            .policy(Policy.of("report", Limit.tokenBucket(100, SECOND, 1))
                    .maxDelay(LONG)
                    .onStoreFailure(OnStoreFailure.REJECT))
            .policy(Policy.of("bursts", Limit.tokenBucket(10, SECOND, 100)).maxDelay(LONG))
            .build();

    @AfterEach
    void close() {
        weir.close();
        memory.close();
    }

    private CompletableFuture<Decision> acquire(String policy, long cost, Duration most) {
        return weir.limiter(policy).acquireAsync(Acquisition.of("alice").cost(cost), most);
    }

    @Test
    void cancelledWhileItIsAskedFor_thenDrained_theOnesBehindAreAnswered() {
        weir.limiter("report").tryAcquire("alice");
        CompletableFuture<Decision> first = acquire("report", 1, LONG);
        CompletableFuture<Decision> second = acquire("report", 1, LONG);
        store.ofDecisions = Fault.HELD_BACK;
        await().until(() -> store.heldBack.get() > 0);
        first.cancel(false);

        weir.drain();

        assertThat(second).isDone();
        assertThat(((Rejected) second.join()).reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
        assertThat(weir.waiting()).isZero();
    }

    /** What is known of the line is known of the request that has left. */
    @Test
    void theFirstHasLeft_aRequestThatMightPassIsNotRejected() {
        weir.limiter("bursts").tryAcquire("alice", 10);
        CompletableFuture<Decision> large = acquire("bursts", 100, LONG);
        CompletableFuture<Decision> small = acquire("bursts", 1, LONG);
        store.ofDecisions = Fault.HELD_BACK;
        large.cancel(false);
        await().until(() -> store.heldBack.get() > 0);

        CompletableFuture<Decision> fitting = acquire("bursts", 80, Duration.ofSeconds(5));

        assertThat(fitting).isNotDone();
        store.ofDecisions = Fault.NONE;
        assertThat(small).succeedsWithin(3, TimeUnit.SECONDS).matches(Decision::permitted);
        assertThat(fitting).succeedsWithin(3, TimeUnit.SECONDS).matches(Decision::permitted);
    }

    /** 400 clients, and a store that takes 100 ms: four threads would need ten seconds to ask for all. */
    @Test
    void moreLinesThanCanBeAskedFor_noRequestWaitsLongerThanItMay() {
        MemoryStore ofTheSystem = new MemoryStore();
        FaultyStore slow = new FaultyStore(ofTheSystem);
        slow.slowMillis = 100;
        Duration most = Duration.ofMillis(600);
        try (Weir limiter = Weir.builder()
                .store(slow)
                .storeDeadline(SECOND)
                .policy(Policy.of("report", Limit.tokenBucket(2, SECOND, 1)).maxDelay(most))
                .build()) {
            List<CompletableFuture<Decision>> waiting = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                limiter.limiter("report").tryAcquire("client-" + i);
                waiting.add(limiter.limiter("report").acquireAsync("client-" + i, most));
            }
            slow.ofDecisions = Fault.SLOW;

            await().atMost(Duration.ofSeconds(3)).until(() -> waiting.stream().allMatch(CompletableFuture::isDone));

            assertThat(limiter.waiting()).isZero();
        } finally {
            ofTheSystem.close();
        }
    }
}
