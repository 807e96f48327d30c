package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.Leasing;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Source;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
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
import org.junit.jupiter.params.provider.EnumSource;

/** Each decision says where it was made. */
class SourceTest {

    private static final TokenBucket THOUSAND = Limit.tokenBucket(1_000, Duration.ofSeconds(10));

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(() -> 1_700_000_000_000_000L);
    private final List<Weir> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(Weir::close);
        memory.close();
    }

    private Weir open(Store store, Policy... policies) {
        Weir weir = Weir.builder()
                .store(store)
                .scheduler(time)
                .leasing(Leasing.FAST)
                .policies(List.of(policies))
                .build();
        opened.add(weir);
        return weir;
    }

    private static Decision ask(Weir weir) {
        return weir.limiter("search").tryAcquire("alice");
    }

    @Test
    void memory_isTheStore() {
        Weir weir = open(memory, Policy.of("search", Limit.tokenBucket(1, Duration.ofDays(1))));

        assertThat(ask(weir).source()).isEqualTo(Source.STORE);
        assertThat(ask(weir).source()).isEqualTo(Source.STORE);
    }

    @Test
    void leasedPermits_andARememberedRejection() {
        Weir weir = open(new LeasableStore(1, memory), Policy.of("search", THOUSAND));
        assertThat(ask(weir).source()).isEqualTo(Source.STORE);

        Decision decision = ask(weir);
        while (decision.source() == Source.STORE && decision.permitted()) {
            decision = ask(weir);
            time.advance(0); // A lease may be due.
        }
        assertThat(decision.source()).as("before the limit is used up").isEqualTo(Source.LEASE);
        assertThat(decision.permitted()).isTrue();

        while (decision.permitted()) {
            decision = ask(weir);
            time.advance(0);
        }
        assertThat(ask(weir)).satisfies(again -> {
            assertThat(again.permitted()).isFalse();
            assertThat(again.source()).isEqualTo(Source.LEASE);
        });
    }

    /** A request that waits behind another one makes no call of its own. */
    @Test
    void queuedRequests_byWhatIsKnownOfTheFirst_orByThisInstance() {
        Weir weir = open(memory, Policy.of("search", Limit.tokenBucket(1, Duration.ofSeconds(10))));
        RateLimiter limiter = weir.limiter("search");
        assertThat(ask(weir).permitted()).isTrue();
        CompletableFuture<Decision> first = limiter.acquireAsync("alice", Duration.ofMinutes(1));
        CompletableFuture<Decision> inVain = limiter.acquireAsync("alice", Duration.ofMillis(1));
        assertThat(inVain).isCompletedWithValueMatching(decision -> decision.source() == Source.LEASE);

        weir.drain();

        assertThat(first).isCompletedWithValueMatching(decision -> decision.source() == Source.LOCAL);
    }

    @ParameterizedTest
    @EnumSource
    void storeIsGone_thisInstanceAlone(OnStoreFailure onStoreFailure) {
        FaultyStore store = new FaultyStore();
        Pool pool = new Pool("backend", new Rate(100, Duration.ofDays(365), 100));
        Weir weir = open(
                store,
                Policy.of("search", THOUSAND).onStoreFailure(onStoreFailure),
                Policy.of("shared", pool.limit()).onStoreFailure(onStoreFailure).in(pool));
        assertThat(ask(weir).source()).isEqualTo(Source.STORE);
        assertThat(weir.limiter("shared").tryAcquire("alice").source()).isEqualTo(Source.STORE);

        store.fail(Fault.UNREACHABLE);

        assertThat(ask(weir).source()).isEqualTo(Source.LOCAL);
        assertThat(weir.limiter("search").tryAcquire("alice", 1_001).source()).isEqualTo(Source.LOCAL);
        assertThat(weir.limiter("search")
                        .tryAcquire(Acquisition.of("alice").weight(2))
                        .source())
                .as("of other numbers than the policy's")
                .isEqualTo(Source.LOCAL);
        assertThat(weir.limiter("shared").tryAcquire("alice").source()).isEqualTo(Source.LOCAL);
        assertThat(weir.bucket("unknown").tryAcquire(1).source()).isEqualTo(Source.LOCAL);
    }
}
