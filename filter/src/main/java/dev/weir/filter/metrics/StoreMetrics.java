package dev.weir.filter.metrics;

import dev.weir.Weir;
import dev.weir.filter.metrics.Instruments.Counter;
import dev.weir.store.StoreCounts;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the store counts itself: what it has counted since the last look. No timer is needed for that: a store
 * that is shared answers heartbeats twice a second, and each answer may be the time for a look. Thread-safe.
 */
final class StoreMetrics {

    private static final Series BATCHES =
            Series.of("weir_store_batches_total", "Round trips to the store in which calls were sent together");
    private static final Series CALLS =
            Series.of("weir_store_batched_calls_total", "Calls that were sent in these round trips");
    private static final Series EVICTED =
            Series.of("weir_store_evicted_keys_total", "Keys that the store was seen to evict for want of memory");
    private static final long BETWEEN_LOOKS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Counter batches;
    private final Counter calls;
    private final Counter evicted;
    private volatile @Nullable Weir weir;
    private volatile long lookedAtNanos;
    private StoreCounts counted = StoreCounts.NONE;

    StoreMetrics(Instruments instruments) {
        batches = instruments.counter(BATCHES);
        calls = instruments.counter(CALLS);
        evicted = instruments.counter(EVICTED);
    }

    /** What a store that was given has counted before is another limiter's. */
    synchronized void begin(Weir limiter) {
        counted = limiter.storeCounts();
        lookedAtNanos = System.nanoTime();
        weir = limiter;
    }

    /** Called for every call of the store: looks at most once a second. */
    void advance() {
        if (weir != null && System.nanoTime() - lookedAtNanos >= BETWEEN_LOOKS_NANOS) {
            count();
        }
    }

    synchronized void count() {
        Weir limiter = weir;
        if (limiter == null) {
            return;
        }
        lookedAtNanos = System.nanoTime();
        StoreCounts now = limiter.storeCounts();
        batches.add(now.batches() - counted.batches());
        calls.add(now.batchedCalls() - counted.batchedCalls());
        evicted.add(now.evictedKeys() - counted.evictedKeys());
        counted = now;
    }
}
