package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When its caller says that a request is made, and how far that may be from the store's clock. Immutable.
 *
 * @param atMicros microseconds since the epoch, from 0 to {@link Limit#EXACT}
 * @param maxAgeMicros how far behind the store's clock it may be, at most {@link #LONGEST_MAX_AGE}
 * @param maxSkewMicros how far ahead of it, at most {@link #LONGEST_MAX_SKEW}
 */
public record Timestamp(long atMicros, long maxAgeMicros, long maxSkewMicros) {

    /** How old a timestamp may be at most, under any policy. */
    public static final Duration LONGEST_MAX_AGE = Duration.ofDays(1);

    /** How far ahead a timestamp may be at most, under any policy. */
    public static final Duration LONGEST_MAX_SKEW = Duration.ofMinutes(1);

    /** How far ahead of the store's clock a timestamp can have moved a state. */
    private static final long MOST_AHEAD_MICROS = Exact.micros(LONGEST_MAX_SKEW);

    /** @throws IllegalArgumentException if a number is out of its range */
    public Timestamp {
        require("atMicros", atMicros, Limit.EXACT);
        require("maxAgeMicros", maxAgeMicros, Exact.micros(LONGEST_MAX_AGE));
        require("maxSkewMicros", maxSkewMicros, MOST_AHEAD_MICROS);
    }

    private static void require(String name, long micros, long most) {
        if (micros < 0 || micros > most) {
            throw new IllegalArgumentException("%s must be from 0 to %d, but is %d".formatted(name, most, micros));
        }
    }

    /**
     * Any moment, in whole microseconds; one that cannot be counted is as stale, or as far ahead, as the nearest that
     * can.
     */
    public static Timestamp of(Instant at, Duration maxAge, Duration maxSkew) {
        long seconds = Math.max(-1, Math.min(at.getEpochSecond(), Limit.EXACT / 1_000_000));
        long micros = seconds * 1_000_000 + at.getNano() / 1_000;
        return new Timestamp(Math.max(0, Math.min(micros, Limit.EXACT)), Exact.micros(maxAge), Exact.micros(maxSkew));
    }

    /** The same moment on a clock that is so far behind the one it was read from. */
    public Timestamp onClockBehind(long micros) {
        return micros == 0
                ? this
                : new Timestamp(Math.max(0, Math.min(atMicros - micros, Limit.EXACT)), maxAgeMicros, maxSkewMicros);
    }

    /** What it is if it is too far from what the store's clock shows; null if it is not. */
    public @Nullable Reason outside(long clockMicros) {
        if (atMicros - clockMicros > maxSkewMicros) {
            return Reason.FUTURE;
        }
        return clockMicros - atMicros > maxAgeMicros ? Reason.STALE : null;
    }

    /** How long it is too far ahead; {@link Decision.Rejected#NEVER} if it is too old, and so gets only older. */
    long insideAfterMicros(long clockMicros) {
        return outside(clockMicros) == Reason.STALE
                ? Decision.Rejected.NEVER
                : Math.max(0, atMicros - maxSkewMicros - clockMicros);
    }

    /**
     * How much longer than until it is empty a state counts that this has moved: longer than any older one is allowed.
     * A power of two of milliseconds, so that a store can keep it in a few bits.
     */
    long keptMicros() {
        long keptMicros = 1_000;
        while (keptMicros <= maxAgeMicros) {
            keptMicros *= 2;
        }
        return keptMicros;
    }

    /** Whether a state that timestamps have moved can really be that far ahead of the store's clock. */
    static boolean explains(long aheadMicros) {
        return aheadMicros <= MOST_AHEAD_MICROS;
    }
}
