package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FaultyStore;
import dev.weir.store.LeasableStore;
import dev.weir.store.Store;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A request has numbers of its own that do not go with what is set for its client. That is the caller's mistake if it
 * is still set, and none if another instance has removed it since.
 */
class StaleOverrideTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Acquisition LARGE = Acquisition.of("alice").limit(1L << 40, SECOND);

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(time);
    private final List<Weir> weirs = new ArrayList<>();

    @AfterEach
    void close() {
        weirs.forEach(Weir::close);
        memory.close();
    }

    private Weir weir(Store store) {
        return weir(store, Limit.tokenBucket(10, SECOND));
    }

    private Weir weir(Store store, Limit limit) {
        Weir weir = Weir.builder()
                .store(store)
                .scheduler(time)
                .policies(List.of(Policy.of("search", limit).maxDelay(SECOND), Policy.of("other", limit)))
                .build();
        weirs.add(weir);
        return weir;
    }

    private Store store(boolean isNear) {
        return isNear ? memory : new LeasableStore(2, memory);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void removedByAnother_notLearnedYet_decidedWithoutIt(boolean isNear) {
        Weir here = weir(store(isNear));
        Weir other = weir(store(isNear));
        other.limits().setWeight("search", "alice", 1 << 20);
        time.advance(0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> here.limiter("search").tryAcquire(LARGE));
        other.limits().setTerms("search", "alice", set -> Terms.NONE);

        assertThat(here.limiter("search").tryAcquire(LARGE).permitted()).isTrue();
    }

    /** Another one of the same client's is in the queue. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void removedByAnother_requestThatWaits_decidedWithoutIt(boolean isNear) throws Exception {
        Weir here = weir(store(isNear));
        Weir other = weir(store(isNear));
        RateLimiter limiter = here.limiter("search");
        Acquisition small = Acquisition.of("alice").limit(10, SECOND);
        assertThat(limiter.tryAcquire(small.cost(10)).permitted()).isTrue();
        CompletableFuture<Decision> first = limiter.acquireAsync(small.cost(5), SECOND);
        assertThat(first).isNotDone();
        other.limits().setWeight("search", "alice", 1 << 20);
        time.advance(0);
        other.limits().setTerms("search", "alice", set -> Terms.NONE);

        List<String> passed = new ArrayList<>();
        CompletableFuture<Decision> large = limiter.acquireAsync(LARGE, SECOND);
        first.thenRun(() -> passed.add("first"));
        large.thenRun(() -> passed.add("large"));

        assertThat(time.await(first, SECOND.toNanos()).permitted()).isTrue();
        assertThat(time.await(large, SECOND.toNanos()).permitted()).isTrue();
        assertThat(passed).containsExactly("first", "large");
    }

    /** A smaller limit that another instance has just set makes the weight of the request fit. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void setByAnother_notLearnedYet_decidedWithIt(boolean isNear) {
        Weir here = weir(store(isNear), Limit.tokenBucket(1L << 40, SECOND));
        Weir other = weir(store(isNear), Limit.tokenBucket(1L << 40, SECOND));
        Acquisition heavy = Acquisition.of("alice").weight(1 << 20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> here.limiter("search").tryAcquire(heavy));
        other.limits().setRate("search", "alice", 10, SECOND);

        Decision decision = here.limiter("search").tryAcquire(heavy);

        assertThat(decision.permitted()).isTrue();
        assertThat(decision.limit().permits()).isEqualTo(10L << 20);
    }

    /** All or none: what is tried out is resolved before anything is charged. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void numbersOfAShadowThatDoNotGo_nothingIsCharged(boolean isNear) {
        Weir here = weir(store(isNear));
        here.limits().setWeight("other", "alice", 1 << 20);
        Terms large = new Terms(Rate.of(1L << 40, SECOND), null, null);
        List<PolicyCost> costs =
                List.of(new PolicyCost("search", 1), new PolicyCost("other", 1, null, null, large, true));

        assertThatIllegalArgumentException().isThrownBy(() -> here.tryAcquire("alice", costs));

        assertThat(here.limiter("search").tryAcquire("alice").remaining()).isEqualTo(9);
    }

    /** What is set now does not go with the numbers of what is only tried out: that has no decision then. */
    @Test
    void numbersOfAShadowThatDoNotGoAnyMore_theOthersAreDecided() {
        Weir here = weir(store(false));
        Weir other = weir(store(false));
        Terms large = new Terms(Rate.of(1L << 40, SECOND), null, null);
        PolicyCost shadow = new PolicyCost("other", 1, null, null, large, true);
        List<PolicyCost> costs = List.of(new PolicyCost("search", 1), shadow);
        other.limits().setWeight("other", "alice", 1 << 20);

        Decisions decisions = here.tryAcquire("alice", costs);

        assertThat(decisions.each()).extracting(Decision::policy).containsExactly("search");
        assertThatIllegalArgumentException().isThrownBy(() -> here.tryAcquire("alice", costs));
        assertThat(here.limiter("search").tryAcquire("alice").remaining()).isEqualTo(8);
    }

    @Test
    void numbersOfAShadowBesideABucketThatDoNotGoAnyMore_theOthersAreDecided() {
        Weir here = weir(store(false));
        Weir other = weir(store(false));
        here.limits().createBucket("tenant", 10, 10);
        Terms large = new Terms(Rate.of(1L << 40, SECOND), null, null);
        PolicyCost shadow = new PolicyCost("other", 1, null, null, large, true);
        other.limits().setWeight("other", "alice", 1 << 20);

        Decisions decisions = here.tryAcquire(
                "alice", List.of(new PolicyCost("search", 1), shadow), List.of(new BucketCost("tenant", 1)));

        assertThat(decisions.permitted()).isTrue();
        assertThat(decisions.each()).hasSize(2);
        assertThat(here.limiter("search").tryAcquire("alice").remaining()).isEqualTo(8);
    }

    /** The store alone knows whether it is still set: while it is away, what was set goes on. */
    @Test
    void storeAway_theCallersMistake() {
        FaultyStore store = new FaultyStore(memory);
        Weir here = weir(store);
        here.limits().setWeight("search", "alice", 1 << 20);
        store.ofDecisions = FaultyStore.Fault.UNREACHABLE;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> here.limiter("search").tryAcquire(LARGE));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stillSet_theCallersMistake(boolean isNear) {
        Weir here = weir(store(isNear));
        here.limits().setWeight("search", "alice", 1 << 20);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> here.limiter("search").tryAcquire(LARGE));
    }

    /** It waits for its turn, as others do. */
    @Test
    void stillSet_requestThatWaits_theCallersMistake() throws Exception {
        Weir here = weir(store(false));
        RateLimiter limiter = here.limiter("search");
        Acquisition small = Acquisition.of("alice").limit(10, SECOND);
        assertThat(limiter.tryAcquire(small.cost(10)).permitted()).isTrue();
        CompletableFuture<Decision> first = limiter.acquireAsync(small.cost(5), SECOND);
        here.limits().setWeight("search", "alice", 1 << 20);

        CompletableFuture<Decision> large = limiter.acquireAsync(LARGE, SECOND);

        assertThat(time.await(first, SECOND.toNanos()).permitted()).isTrue();
        assertThatThrownBy(() -> time.await(large, SECOND.toNanos()))
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }
}
