package dev.weir.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a decision on the memory store leaves for the garbage collector. On a token bucket nothing, if no decision is
 * asked for; else the answer, the state, and what the compiler does not see through. That depends on what else has run
 * in the process, so the bounds leave room for all of it.
 */
public class MemoryAllocationTest {

    private static final int DECISIONS = 50_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Weir weir = Weir.builder()
            .policy(Policy.of("search", Limit.tokenBucket(1_000_000_000, Duration.ofSeconds(1))))
            .policy(Policy.of("narrow", Limit.fixedWindow(1, Duration.ofDays(366))))
            .policy(Policy.of("slow", Limit.tokenBucket(1, Duration.ofDays(366))))
            .build();
    private final RateLimiter search = weir.limiter("search");
    private final List<PolicyCost> costs = List.of(new PolicyCost("search", 1));

    @AfterEach
    void close() {
        weir.close();
    }

    @Test
    void allow_memoryStore_nothing() {
        assertThat(leastBytesEach(() -> search.allow("alice"))).isZero();
    }

    @Test
    void allow_refusedByTokenBucket_nothing() {
        RateLimiter slow = weir.limiter("slow");
        slow.allow("alice");

        assertThat(leastBytesEach(() -> !slow.allow("alice"))).isZero();
    }

    @Test
    void tryAcquire_memoryStore_below400Bytes() {
        assertThat(leastBytesEach(() -> search.tryAcquire("alice", 2).permitted()))
                .isLessThan(400);
    }

    /** As a filter asks. */
    @Test
    void tryAcquire_listOfOne_below400Bytes() {
        assertThat(leastBytesEach(() -> weir.tryAcquire("alice", costs).permitted()))
                .isLessThan(400);
    }

    @Test
    void allow_refused_below400Bytes() {
        RateLimiter narrow = weir.limiter("narrow");
        narrow.allow("alice");

        assertThat(leastBytesEach(() -> !narrow.allow("alice"))).isLessThan(400);
    }

    /** Of some rounds: the first ones, which the compiler has not seen yet, leave more. */
    public static long leastBytesEach(BooleanSupplier decision) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            int expected = 0;
            for (int i = 0; i < DECISIONS; i++) {
                expected += decision.getAsBoolean() ? 1 : 0;
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            assertThat(expected).isEqualTo(DECISIONS);
        }
        return least / DECISIONS;
    }
}
