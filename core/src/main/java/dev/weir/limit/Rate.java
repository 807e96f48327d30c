package dev.weir.limit;

import java.time.Duration;

/**
 * The numbers of a limit, whatever its algorithm.
 *
 * @param permits the permits per period, at least 1
 * @param period from 1 ms to 366 days, in whole microseconds
 * @param burst the most at once, at least 1; algorithms without a burst of their own pay no attention to it
 */
public record Rate(long permits, Duration period, long burst) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public Rate {
        Exact.permits("permits", permits);
        Exact.periodMicros(period);
        Exact.permits("burst", burst);
    }

    /** As many permits at once as per period. */
    public static Rate of(long permits, Duration period) {
        return new Rate(permits, period, permits);
    }

    /** The numbers of a limit. */
    static Rate of(Limit limit) {
        return new Rate(limit.permits(), limit.period(), limit.capacity());
    }
}
