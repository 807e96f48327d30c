package dev.weir.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.NearStore;
import dev.weir.store.Overrides;
import dev.weir.store.StoreContract;
import dev.weir.store.Subject;
import dev.weir.store.Timestamp;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContract {

    private final AtomicLong nowMicros = new AtomicLong();
    private final MemoryStore store = new MemoryStore(nowMicros::get);

    @Override
    protected MemoryStore store() {
        return store;
    }

    @Override
    protected void setNowMicros(long nowMicros) {
        this.nowMicros.set(nowMicros);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void sweep_clientsWithTheirWholeLimit_takeNoRoom() {
        setNowMicros(0);
        Limit slow = Limit.tokenBucket(1, Duration.ofSeconds(10));
        for (int i = 0; i < 100_000; i++) {
            take("client-" + i, Limit.fixedWindow(10, Duration.ofSeconds(1)), 1);
        }
        take("slow", slow, 1);
        assertThat(store.size()).isEqualTo(100_001);

        setNowMicros(1_999_999);
        store.sweep();
        assertThat(store.size()).isEqualTo(100_001);
        setNowMicros(2_000_000);
        store.sweep();
        assertThat(store.size()).isEqualTo(1);

        setNowMicros(9_999_999);
        assertThat(take("slow", slow, 1).permitted()).isFalse();
        setNowMicros(10_999_999);
        store.sweep();
        assertThat(store.size()).isEqualTo(1);
        setNowMicros(11_000_000);
        store.sweep();
        assertThat(store.size()).isZero();
    }

    /** Callers choose ids: those of one moment must not add up with those of the moments before. */
    @Test
    void tryAcquire_millionClientsOnce_onlyThoseOfTheLastSecondsTakeRoom() {
        Limit limit = Limit.tokenBucket(10, Duration.ofSeconds(1));
        int inUse =
                1_100; // A client a millisecond: its permit is back after a tenth of a second, and is kept one more.
        for (int i = 0; i < 1_000_000; i++) {
            setNowMicros(1_000L * i);
            take("client-" + i, limit, 1);
            if (i % 10_000 == 0) {
                assertThat(store.size()).isLessThan(3 * inUse);
            }
        }
    }

    /** All ways to a decision find what the others have kept, whether it is changed in place or not. */
    @Test
    void allow_andAllOtherCalls_countTogether() {
        Limit limit = Limit.tokenBucket(10, Duration.ofDays(1));

        assertThat(store.allow("alice", "policy", limit, 1)).isEqualTo(NearStore.Answer.PERMITTED);
        assertThat(store.allow("alice", "policy", limit, 2)).isEqualTo(NearStore.Answer.PERMITTED);
        assertThat(take("alice", limit, 1).remaining()).isEqualTo(6);
        assertThat(store.allow("alice", "policy", limit, 1)).isEqualTo(NearStore.Answer.PERMITTED);
        store.setAtMost("alice", "policy", limit, 2);
        assertThat(store.allow("alice", "policy", limit, 3)).isEqualTo(NearStore.Answer.REFUSED);
        assertThat(store.allow("alice", "policy", limit, 2)).isEqualTo(NearStore.Answer.PERMITTED);
        assertThat(store.allow("alice", "policy", limit, 11)).isEqualTo(NearStore.Answer.REFUSED);
        assertThat(store.allow("bob", "policy", limit, 11)).isEqualTo(NearStore.Answer.REFUSED);
        assertThat(store.size()).isEqualTo(1);
    }

    @Test
    void allow_clientForWhichSomethingIsSet_undecidedAndNotCharged() {
        Limit limit = Limit.tokenBucket(10, Duration.ofDays(1));
        store.replace(Subject.client("alice"), Overrides.NONE.version(), Overrides.NONE.withPlan("gold"))
                .join();

        assertThat(store.allow("alice", "policy", limit, 1)).isEqualTo(NearStore.Answer.UNDECIDED);
        assertThat(store.allow("bob", "policy", limit, 1)).isEqualTo(NearStore.Answer.PERMITTED);
        assertThat(store.size()).isEqualTo(1);
    }

    @Test
    void tryAcquire_refusedClientWithItsWholeLimit_takesNoRoom() {
        Limit limit = Limit.tokenBucket(10, Duration.ofSeconds(1));

        take("alice", limit, 11);

        assertThat(store.size()).isZero();
    }

    @Test
    void sweep_clientWithTimestamps_keptUntilOlderOnesAreStale() {
        Charge charge = new Charge("policy", Limit.tokenBucket(1, Duration.ofSeconds(1)), 1);
        setNowMicros(100_000_000);
        store.decide("alice", List.of(charge), new Timestamp(95_000_000, 8_000_000, 0));

        setNowMicros(97_000_000 + 8_191_999);
        store.sweep();
        assertThat(store.size()).isEqualTo(1);
        setNowMicros(97_000_000 + 8_192_000); // the next power of two of milliseconds, and a second
        store.sweep();
        assertThat(store.size()).isZero();
    }

    @Test
    void sweep_byItself_afterASecond() {
        setNowMicros(0);
        take("alice", Limit.tokenBucket(10, Duration.ofSeconds(1)), 1);
        setNowMicros(1_100_000);

        await().untilAsserted(() -> assertThat(store.size()).isZero());
    }

    @Test
    void set_remaining_thatManyAreLeft() {
        Limit limit = Limit.tokenBucket(10, Duration.ofDays(1));

        store.set("alice", "policy", limit, 3);

        assertThat(take("alice", limit, 4).permitted()).isFalse();
        assertThat(take("alice", limit, 3).permitted()).isTrue();
    }

    @Test
    void tryAcquire_ownClock_givesBackWithTime() {
        try (MemoryStore real = new MemoryStore()) {
            Charge charge = new Charge("policy", Limit.tokenBucket(1, Duration.ofMillis(20)), 1);
            assertThat(real.decide("alice", List.of(charge), null)
                            .decisions()
                            .get(0)
                            .permitted())
                    .isTrue();

            await().until(() -> real.decide("alice", List.of(charge), null)
                    .decisions()
                    .get(0)
                    .permitted());
        }
    }
}
