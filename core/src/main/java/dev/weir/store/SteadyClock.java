package dev.weir.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/**
 * A clock that starts with what the wall clock shows and never jumps, whatever becomes of the wall clock.
 *
 * <p>A wall clock is corrected: by NTP soon after a machine has started, and after it has slept. Limits must not follow
 * it: each step forward would give back permits for time that has not passed. But callers' timestamps do, and only the
 * difference of the two clocks says how old such a request is. So that is looked up when it is needed:
 * {@link #wallAheadMicros}.
 *
 * <pre>
 *   wall     09:00 ... 09:10 | step: 10:10 ... 10:20      a request of 10:19 is a minute old,
 *   steady   09:00 ... 09:10 |       09:10 ... 09:20      and is judged at 09:19
 *   ahead            0       |              1 h
 * </pre>
 *
 * <p>The difference is kept until it has really changed: two clocks cannot be read at one moment, and one request's
 * time must not depend on how long its thread was held up between them. Thread-safe.
 */
final class SteadyClock implements MicrosClock {

    /**
     * A smaller change is none: it cannot be distinguished from a held-up thread, and does not matter to timestamps.
     */
    static final long TOLERATED_MICROS = 10_000;

    /** Two readings that took longer say nothing. */
    private static final long PRECISE_MICROS = 1_000;

    private final LongSupplier monotonicNanos;
    private final LongSupplier wallMicros;
    private final long originNanos;
    private final long originMicros;
    private volatile long aheadMicros;

    /**
     * @param monotonicNanos never goes back, and counts the time in which this machine runs
     * @param wallMicros microseconds since the epoch, corrected now and then
     */
    SteadyClock(LongSupplier monotonicNanos, LongSupplier wallMicros) {
        this.monotonicNanos = monotonicNanos;
        this.wallMicros = wallMicros;
        originNanos = monotonicNanos.getAsLong();
        originMicros = wallMicros.getAsLong();
    }

    static SteadyClock ofSystem() {
        return new SteadyClock(System::nanoTime, () -> ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
    }

    @Override
    public long nowMicros() {
        return originMicros + (monotonicNanos.getAsLong() - originNanos) / 1_000;
    }

    @Override
    public long wallAheadMicros() {
        long beforeMicros = nowMicros();
        long ahead = wallMicros.getAsLong() - beforeMicros;
        boolean isPrecise = nowMicros() - beforeMicros <= PRECISE_MICROS;
        if (isPrecise && Math.abs(ahead - aheadMicros) > TOLERATED_MICROS) {
            aheadMicros = ahead;
        }
        return aheadMicros;
    }
}
