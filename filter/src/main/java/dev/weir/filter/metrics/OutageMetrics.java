package dev.weir.filter.metrics;

import dev.weir.filter.metrics.Instruments.Counter;
import java.util.concurrent.TimeUnit;

/**
 * Counts how often the store went down, and for how long it was. No timer is needed for that: while the store is down,
 * a probe fails every half second, and each failure counts the time that has passed since the last one. Counters are of
 * whole seconds; what is left of one is counted with the next outage. Thread-safe.
 */
final class OutageMetrics {

    private static final Series OUTAGES = Series.of("weir_store_outages_total", "How often the store went down");
    private static final Series SECONDS =
            Series.of("weir_store_down_seconds_total", "For how many seconds the store was down");
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Counter outages;
    private final Counter seconds;
    private volatile boolean isDown;
    private long lookedAtNanos;
    private long uncountedNanos;

    OutageMetrics(Instruments instruments) {
        outages = instruments.counter(OUTAGES);
        seconds = instruments.counter(SECONDS);
    }

    synchronized void changed(boolean up) {
        advance();
        isDown = !up;
        if (!up) {
            outages.add(1);
            lookedAtNanos = System.nanoTime();
        }
    }

    /** Called for every call that fails, also while the store is up. */
    void advance() {
        if (isDown) {
            count();
        }
    }

    private synchronized void count() {
        long nowNanos = System.nanoTime();
        if (isDown) { // It may have come back just now.
            uncountedNanos += nowNanos - lookedAtNanos;
            lookedAtNanos = nowNanos;
            seconds.add(uncountedNanos / SECOND_NANOS);
            uncountedNanos %= SECOND_NANOS;
        }
    }
}
