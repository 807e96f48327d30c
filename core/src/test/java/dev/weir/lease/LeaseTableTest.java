package dev.weir.lease;

import static dev.weir.lease.LeaseFixtures.BASIS;
import static dev.weir.lease.LeaseFixtures.CLIENT;
import static dev.weir.lease.LeaseFixtures.leased;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Scheduler;
import dev.weir.store.VirtualScheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What requests spend, each from the lease of its client. */
class LeaseTableTest {

    private static LeaseTable table(@Nullable Scheduler exact, Lease lease) {
        LeaseTable leases = new LeaseTable(low -> {}, exact);
        leases.putIfAbsent(CLIENT, lease);
        return leases;
    }

    @Test
    void exact_endedLease_isNotSpent_beforeTheSweeperHasNoticed() {
        VirtualScheduler time = new VirtualScheduler();
        LeaseTable exact = table(time, leased(BASIS, 20, time.nanoTime()));
        LeaseTable fast = table(null, leased(BASIS, 20, time.nanoTime()));

        time.advance(TimeUnit.SECONDS.toNanos(30));

        assertThat(exact.spend(CLIENT, 1)).isFalse();
        assertThat(fast.spend(CLIENT, 1))
                .as("the sweeper has not looked after it")
                .isTrue();
    }

    @Test
    void table_lowLease_isRefilledOnce() {
        List<Lease> refilled = new ArrayList<>();
        LeaseTable leases = new LeaseTable(refilled::add, null);
        Lease lease = leased(BASIS, 20);

        assertThat(leases.spend(CLIENT, 1)).isFalse();
        assertThat(leases.putIfAbsent(CLIENT, lease)).isSameAs(lease);
        assertThat(leases.putIfAbsent(CLIENT, leased(BASIS, 50))).isSameAs(lease);
        assertThat(leases.byClient()).containsOnlyKeys(CLIENT);
        for (int i = 0; i < 20; i++) {
            assertThat(leases.spend(CLIENT, 1)).isTrue();
        }

        assertThat(leases.trySpend(CLIENT, 1)).isNull();
        assertThat(refilled).containsExactly(lease);
    }
}
