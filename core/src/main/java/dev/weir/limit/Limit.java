package dev.weir.limit;

import java.time.Duration;

/**
 * How many permits a client may take, and how they come back: an algorithm with its numbers.
 *
 * <pre>{@code
 * Limit search = Limit.tokenBucket(100, Duration.ofSeconds(1), 150);
 * Limit login = Limit.fixedWindow(5, Duration.ofDays(1));
 * }</pre>
 *
 * <p>A limit is immutable and holds no usage: {@link Meter} says how its use is counted, exactly, in whole numbers, and
 * what becomes of it when the numbers change.
 *
 * <p>The hierarchy is sealed: an algorithm is only complete together with its twin in the script of each store.
 */
public sealed interface Limit permits Meter {

    /** The largest whole number up to which a double counts without gaps: 2<sup>53</sup>. */
    long EXACT = 1L << 53;

    /** The shortest period: 1 ms. */
    Duration MIN_PERIOD = Duration.ofMillis(1);

    /** The longest period: 366 days. */
    Duration MAX_PERIOD = Duration.ofDays(366);

    /**
     * A token bucket whose burst is its rate: {@code permits} at once from rest, then {@code permits} per
     * {@code period}, evenly.
     *
     * @throws IllegalArgumentException as {@link #tokenBucket(long, Duration, long)}
     */
    static TokenBucket tokenBucket(long permits, Duration period) {
        return TokenBucket.of(Algorithm.TOKEN_BUCKET, permits, period, permits);
    }

    /**
     * A token bucket: {@code burst} permits at once from rest, then {@code permits} per {@code period}, evenly.
     *
     * @param permits at least 1
     * @param period from 1 ms to 366 days, in whole microseconds
     * @param burst at least 1
     * @throws IllegalArgumentException if a number is out of its range, or their combination cannot be computed exactly
     */
    static TokenBucket tokenBucket(long permits, Duration period, long burst) {
        return TokenBucket.of(Algorithm.TOKEN_BUCKET, permits, period, burst);
    }

    /**
     * A fixed window: at most {@code permits} in each window of {@code period}, windows aligned to the epoch.
     *
     * @param permits from 1 to {@link #EXACT}
     * @param period from 1 ms to 366 days, in whole microseconds
     * @throws IllegalArgumentException if a number is out of its range
     */
    static FixedWindow fixedWindow(long permits, Duration period) {
        return FixedWindow.of(permits, period);
    }

    /**
     * A leaky bucket as a meter: a {@linkplain #tokenBucket(long, Duration, long) token bucket} under its other name.
     *
     * @throws IllegalArgumentException as {@link #tokenBucket(long, Duration, long)}
     */
    static TokenBucket leakyBucket(long permits, Duration period, long burst) {
        return TokenBucket.of(Algorithm.LEAKY_BUCKET, permits, period, burst);
    }

    /**
     * A sliding window of two counters: the window before counts by the part of it that the last {@code period} still
     * covers.
     *
     * @param permits at least 1
     * @param period from 1 ms to 366 days, in whole microseconds
     * @throws IllegalArgumentException if a number is out of its range, or their combination cannot be computed exactly
     */
    static SlidingWindow slidingWindow(long permits, Duration period) {
        return SlidingWindow.of(permits, period);
    }

    /**
     * A sliding log: at most {@code permits} in every interval of {@code period}, exactly, at the price of remembering
     * each request.
     *
     * @param permits from 1 to {@link SlidingLog#MAX_PERMITS}
     * @param period from 1 ms to 366 days, in whole microseconds
     * @throws IllegalArgumentException if a number is out of its range
     */
    static SlidingLog slidingLog(long permits, Duration period) {
        return SlidingLog.of(permits, period);
    }

    /**
     * A limit that is kept by the given algorithm.
     *
     * @throws IllegalArgumentException if the numbers cannot be kept by it; the message says why
     */
    static Limit of(Algorithm algorithm, Rate rate) {
        return switch (algorithm) {
            case TOKEN_BUCKET, LEAKY_BUCKET -> TokenBucket.of(algorithm, rate.permits(), rate.period(), rate.burst());
            case FIXED_WINDOW -> FixedWindow.of(rate.permits(), rate.period());
            case SLIDING_WINDOW -> SlidingWindow.of(rate.permits(), rate.period());
            case SLIDING_LOG -> SlidingLog.of(rate.permits(), rate.period());
        };
    }

    /** How this limit is kept. */
    Algorithm algorithm();

    /** The permits that come free per {@link #period()}; at least 1. */
    long permits();

    /** The time in which {@link #permits()} come free. */
    Duration period();

    /** The most permits that can be taken at once; a cost above it can never pass. */
    long capacity();

    /** The steps by which a store counts what is used of this limit. */
    Meter meter();
}
