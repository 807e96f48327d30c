package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import dev.weir.store.FaultyStore;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a decision from a lease leaves for the garbage collector. */
class LeaseAllocationTest {

    private static final int DECISIONS = 100_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Weir weir = Weir.builder()
            .store(new FaultyStore())
            .policy(Policy.of("search", Limit.tokenBucket(1_000_000_000, Duration.ofSeconds(1))))
            .build();
    private final RateLimiter search = weir.limiter("search");

    @AfterEach
    void close() {
        weir.close();
    }

    @Test
    void allow_leased_nothing() {
        assertThat(leastBytes(() -> search.allow("alice"))).isLessThan(DECISIONS);
    }

    @Test
    void tryAcquire_leased_atMost40Bytes() {
        assertThat(leastBytes(() -> search.tryAcquire("alice").permitted())).isLessThan(41L * DECISIONS);
    }

    /** Of some rounds, each long enough for the calls to the store in it to weigh less than a byte a decision. */
    private static long leastBytes(BooleanSupplier decision) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            int permitted = 0;
            for (int i = 0; i < DECISIONS; i++) {
                permitted += decision.getAsBoolean() ? 1 : 0;
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            assertThat(permitted).isEqualTo(DECISIONS);
        }
        return least;
    }
}
