package dev.weir.limit;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** Arithmetic and range checks on the whole numbers that a limit is made of. */
public final class Exact {

    /** The lengths that a tick can have, finest first. */
    static final long[] TICKS_MICROS = {1, 1_000, 1_000_000};

    /** How many ticks of one length make one of the next. */
    static final long TICK_STEP = 1_000;

    private Exact() {}

    public static long ceilDiv(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    /** When the window began in which a moment lies: windows are aligned to the epoch. */
    static long windowAt(long micros, long periodMicros) {
        return micros - Math.floorMod(micros, periodMicros);
    }

    static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** Whether {@code a * b}, both positive, stays within {@link Limit#EXACT}. */
    public static boolean fits(long a, long b) {
        return a <= Limit.EXACT / b;
    }

    static long permits(String name, long permits) {
        if (permits < 1 || permits > Limit.EXACT) {
            throw new IllegalArgumentException(
                    "%s must be a whole number from 1 to %d, but is %d".formatted(name, Limit.EXACT, permits));
        }
        return permits;
    }

    static long periodMicros(Duration period) {
        if (period.compareTo(Limit.MIN_PERIOD) < 0
                || period.compareTo(Limit.MAX_PERIOD) > 0
                || period.toNanos() % 1_000 != 0) {
            throw new IllegalArgumentException(
                    "period must be from 1 ms to 366 days in whole microseconds, but is " + period);
        }
        return micros(period);
    }

    public static long micros(Duration duration) {
        return duration.getSeconds() * 1_000_000 + duration.getNano() / 1_000;
    }

    public static Duration duration(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }
}
