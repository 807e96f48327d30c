package dev.weir.lease;

import static dev.weir.lease.LeaseFixtures.BASIS;
import static dev.weir.lease.LeaseFixtures.MOST;
import static dev.weir.lease.LeaseFixtures.asked;
import static dev.weir.lease.LeaseFixtures.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.memory.MemoryStore;
import dev.weir.store.LimiterListener;
import dev.weir.store.VirtualScheduler;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An error of the virtual machine may occur between any two steps. */
class LeaseKeeperTest {

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(time);
    private final LeaseKeeper keeper =
            new LeaseKeeper(memory, time, false, 100, LimiterListener.NONE, (call, decision) -> {});

    @AfterEach
    void close() {
        keeper.close();
        memory.close();
    }

    /** With {@link Leasing#FAST}, what is in no round would be spent for ever. */
    @Test
    void leaseThatIsLostForItsRound_endsAllTheSame() {
        Lease lease = lease(BASIS, time.nanoTime());
        keeper.ask(lease, asked(lease, MOST, time.nanoTime()), time.nanoTime());
        assertThat(lease.hasPermits()).isTrue();

        keeper.rounds.begin(time.nanoTime());
        assertThat(keeper.rounds.poll()).isSameAs(lease);
        time.advance(TimeUnit.SECONDS.toNanos(2));

        assertThat(lease.hasPermits()).isFalse();
    }
}
