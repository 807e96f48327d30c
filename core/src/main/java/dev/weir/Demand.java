package dev.weir;

import java.util.concurrent.TimeUnit;

/** How many permits are asked for, lately, per {@link #HORIZON_NANOS}. Not thread-safe. */
final class Demand {

    /** For how long a lease should last: long against a round trip, short against the second in which demand may move. */
    static final long HORIZON_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long LEAST_NANOS = HORIZON_NANOS / 4;

    private long sinceNanos;
    private double asked;
    private double perHorizon;

    Demand(long nowNanos) {
        sinceNanos = nowNanos;
    }

    void add(long permits) {
        asked += permits;
    }

    /** Rises as soon as more is asked for; falls with what was asked for in at least a quarter of the horizon. */
    double perHorizon(long nowNanos) {
        long elapsed = nowNanos - sinceNanos;
        if (elapsed >= LEAST_NANOS) {
            double latest = asked * HORIZON_NANOS / elapsed;
            perHorizon = Math.max(latest, (perHorizon + latest) / 2);
            asked = 0;
            sinceNanos = nowNanos;
        }
        return asked > 1 ? Math.max(perHorizon, asked) : perHorizon; // One request says nothing about the next.
    }
}
