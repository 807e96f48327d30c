package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store whose first decision takes longer than a request waits, as that of a new virtual machine does. */
class DryRunTest {

    private static final Limit LIMIT = Limit.fixedWindow(100, Duration.ofDays(366));

    private final FaultyStore store = new FaultyStore();

    @AfterEach
    void close() {
        store.close();
    }

    private Weir build(Leasing leasing) {
        return Weir.builder()
                .store(store)
                .storeDeadline(Duration.ofMillis(50))
                .leasing(leasing)
                .policy(Policy.of("search", LIMIT))
                .build();
    }

    private void useUp(String client) {
        StoreReply answer =
                store.shared.decide(StoreRequest.of(client, List.of(new Charge("search", LIMIT, LIMIT.capacity()))));
        assertThat(((StoreReply.Decided) answer).decisions().get(0).permitted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void build_coldStore_firstRequestIsDecidedByIt(Leasing leasing) {
        useUp("alice");
        store.firstMillis = 300;

        try (Weir weir = build(leasing)) {
            assertThat(weir.limiter("search").tryAcquire("alice").permitted()).isFalse();
            assertThat(weir.limiter("search").tryAcquire("bob").remaining()).isEqualTo(99);
        }
    }

    @Test
    void storeComesLater_cold_firstRequestIsDecidedByIt() {
        useUp("alice");
        store.firstMillis = 300;
        store.fail(Fault.UNREACHABLE);

        try (Weir weir = build(Leasing.FAST)) {
            assertThat(weir.storeUp()).isFalse();
            store.fail(Fault.NONE);
            await().until(weir::storeUp);

            assertThat(weir.limiter("search").tryAcquire("alice").permitted()).isFalse();
        }
    }

    @Test
    void build_leavesNothingInTheStore() {
        try (Weir weir = build(Leasing.FAST)) {
            assertThat(store.questions.get()).isGreaterThan(10);
            assertThat(store.shared.size()).isZero();
            assertThat(weir.policies()).containsOnlyKeys("search");
        }
    }

    @Test
    void build_storeThatDecidesNothing_returnsNevertheless() {
        store.ofDecisions = Fault.HELD_BACK;
        long startNanos = System.nanoTime();

        try (Weir weir = build(Leasing.FAST)) {
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(10));
            assertThat(weir.storeUp()).isTrue();
        }
    }
}
