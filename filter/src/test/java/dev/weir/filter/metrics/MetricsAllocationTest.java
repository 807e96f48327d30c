package dev.weir.filter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.smallrye.metrics.SharedMetricRegistries;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What counting a decision leaves for the garbage collector: nothing of ours, whatever library counts. */
class MetricsAllocationTest {

    private static final int DECISIONS = 50_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long leastBytesEach(Object registry) {
        Policy policy = Policy.of("counted", Limit.tokenBucket(1_000, Duration.ofSeconds(1)));
        try (Metrics metrics = MetricRegistries.metrics(registry);
                Weir weir = Weir.builder().policy(policy).build()) {
            metrics.policies(List.of(policy));
            RateLimiter limiter = weir.limiter("counted");
            Decision decision = limiter.tryAcquire("alice");
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 20; round++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < DECISIONS; i++) {
                    metrics.onDecision(decision, 3);
                }
                least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            return least / DECISIONS;
        }
    }

    /** It counts in a composite, too. */
    @Test
    void onDecision_smallRye_belowTwoIterators() {
        assertThat(leastBytesEach(SharedMetricRegistries.getOrCreate("allocation")))
                .isLessThan(100);
    }

    @Test
    void onDecision_micrometer_allocatesNothing() {
        assertThat(leastBytesEach(new ClientFormat().create())).isZero();
    }

    /** As Micrometer's global registry is: it iterates over its parts for each of the two counters. */
    @Test
    void onDecision_compositeOfMicrometer_belowTwoIterators() {
        CompositeMeterRegistry all = new CompositeMeterRegistry();
        all.add(new ClientFormat().create());

        assertThat(leastBytesEach(all)).isLessThan(100);
    }

    @Test
    void onDecision_openTelemetry_allocatesNothing() {
        try (SdkMeterProvider meters = SdkMeterProvider.builder()
                .registerMetricReader(InMemoryMetricReader.create())
                .build()) {
            assertThat(leastBytesEach(meters.get("test"))).isZero();
        }
    }
}
