package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Limit;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryAllocationTest;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a decision on the memory store leaves for the garbage collector where limits differ for clients, and where a log
 * is long: limits are resolved once, not for each request. As in {@link MemoryAllocationTest}, the bounds leave room
 * for what else has run.
 */
class ResolvedAllocationTest {

    private final Weir weir = Weir.builder()
            .policy(Policy.of("search", Limit.tokenBucket(1_000_000_000, Duration.ofSeconds(1))))
            .policy(Policy.of("planned", Limit.tokenBucket(1_000_000_000, Duration.ofSeconds(1)))
                    .plan("gold", Terms.weight(2)))
            .policy(Policy.of("logged", Limit.slidingLog(10_000, Duration.ofMillis(20))))
            .build();
    private final RateLimiter search = weir.limiter("search");

    @AfterEach
    void close() {
        weir.close();
    }

    @Test
    void allow_weightSetAtRunTime_below600Bytes() {
        weir.limits().setWeight("search", "heavy", 3);
        search.allow("heavy");

        assertThat(MemoryAllocationTest.leastBytesEach(() -> search.allow("heavy")))
                .isLessThan(600);
    }

    @Test
    void allow_splitOfAHundred_below2000Bytes() {
        int[] percents = new int[100];
        Arrays.fill(percents, 1);
        weir.limits().setSplit("search", "split", 1_000_000_000, percents);
        for (int i = 0; i < 2_000; i++) {
            search.allow("split");
        }

        assertThat(MemoryAllocationTest.leastBytesEach(() -> search.allow("split")))
                .isLessThan(2_000);
    }

    @Test
    void allow_ofAPlan_below600Bytes() {
        weir.limits().setPlan("golden", "gold");
        RateLimiter planned = weir.limiter("planned");
        planned.allow("golden");

        assertThat(MemoryAllocationTest.leastBytesEach(() -> planned.allow("golden")))
                .isLessThan(600);
    }

    @Test
    void allow_bucket_below700Bytes() {
        weir.limits().createBucket("tenant", 1_000_000_000, 1_000_000_000);
        Bucket bucket = weir.bucket("tenant");

        assertThat(MemoryAllocationTest.leastBytesEach(bucket::allow)).isLessThan(700);
    }

    /** However many entries the log has: no decision copies them. */
    @Test
    void allow_slidingLogOfTenThousand_below600Bytes() {
        RateLimiter logged = weir.limiter("logged");
        for (int i = 0; i < 10_000; i++) {
            logged.allow("alice");
        }

        assertThat(MemoryAllocationTest.leastBytesEach(
                        () -> logged.tryAcquire("alice").limit().capacity() == 10_000))
                .isLessThan(600);
    }
}
