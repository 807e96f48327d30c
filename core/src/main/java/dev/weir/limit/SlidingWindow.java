package dev.weir.limit;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sliding window of two counters: an estimate of what was taken in the last period, in constant space.
 *
 * <pre>
 *     window before     this window
 *   |     previous    |   current    :        |
 *         |&lt;------- period -------&gt;:          estimate = current + previous * (covered part of the window before)
 *         covered                    now
 * </pre>
 *
 * <p>The estimate, rounded up, is never above the limit. It is right if what was taken in the window before was spread
 * evenly; the truth can be more: a burst at the very end of that window counts for less and less while it is still
 * within the last period. Over any interval of a period, admitted &lt; 2 &middot; permits; over a window, admitted &le;
 * permits. Where that is too loose, take a {@link SlidingLog} (exact, but it remembers each request) or a
 * {@link TokenBucket}.
 *
 * <p>Windows are aligned to the epoch. Time within a window counts in whole ticks, the finest of a microsecond, a
 * millisecond and a second for which permits times the period's ticks stay within {@link Limit#EXACT}; a coarse tick
 * gives back late, never early.
 *
 * <p>Immutable. Equal when permits and period are.
 */
public final class SlidingWindow implements Meter {

    private final long permits;
    private final long tickMicros;
    private final long periodTicks;

    private SlidingWindow(long permits, long tickMicros, long periodTicks) {
        this.permits = permits;
        this.tickMicros = tickMicros;
        this.periodTicks = periodTicks;
    }

    static SlidingWindow of(long permits, Duration period) {
        Exact.permits("permits", permits);
        long periodMicros = Exact.periodMicros(period);
        long largest = 0;
        for (long tickMicros : Exact.TICKS_MICROS) {
            long periodTicks = periodMicros / tickMicros;
            if (periodMicros % tickMicros == 0) {
                if (Exact.fits(permits, periodTicks)) {
                    return new SlidingWindow(permits, tickMicros, periodTicks);
                }
                largest = EXACT / periodTicks;
            }
        }
        throw new IllegalArgumentException(
                "a sliding window of %d permits per %s cannot be counted exactly: the permits may be at most %d"
                        .formatted(permits, period, largest));
    }

    @Override
    public Algorithm algorithm() {
        return Algorithm.SLIDING_WINDOW;
    }

    @Override
    public long permits() {
        return permits;
    }

    @Override
    public Duration period() {
        return Exact.duration(periodMicros());
    }

    /** The permits of a whole window. */
    @Override
    public long capacity() {
        return permits;
    }

    /** For a store's script: the length of a tick in microseconds. */
    public long tickMicros() {
        return tickMicros;
    }

    /** For a store's script: the window's length in ticks. */
    public long periodTicks() {
        return periodTicks;
    }

    /** For a store's script: the window's length in microseconds. */
    public long periodMicros() {
        return periodTicks * tickMicros;
    }

    @Override
    public State advance(@Nullable State state, long nowMicros) {
        return state == null || state.isEmpty()
                ? state(0, 0, windowAt(nowMicros))
                : state.believed(nowMicros, periodMicros()).drained(nowMicros);
    }

    private SlidingWindowState state(long current, long previous, long windowAtMicros) {
        return new SlidingWindowState(tickMicros, periodTicks, current, previous, windowAtMicros);
    }

    /** Use counted in other windows counts in this one. */
    @Override
    public State charge(State advanced, long nowMicros, long cost) {
        return advanced instanceof SlidingWindowState sliding && isOfTheseNumbers(sliding)
                ? state(sliding.current() + cost, sliding.previous(), sliding.atMicros())
                : state(advanced.permitsUsed(nowMicros) + cost, 0, windowAt(nowMicros));
    }

    @Override
    public SlidingWindow share(int instances) {
        return new SlidingWindow(Exact.ceilDiv(permits, instances), tickMicros, periodTicks);
    }

    @Override
    public State leaving(long remaining, long nowMicros) {
        return state(permits - Math.min(remaining, permits), 0, windowAt(nowMicros));
    }

    /** Only in the window of the charge: in the next it counts by a part that cannot be distinguished from the rest. */
    @Override
    public State without(State stored, long cost, long chargedAtMicros, long nowMicros) {
        boolean isSameWindow = stored instanceof SlidingWindowState sliding
                && isOfTheseNumbers(sliding)
                && sliding.atMicros() == windowAt(chargedAtMicros)
                && sliding.atMicros() == windowAt(nowMicros);
        if (!isSameWindow) {
            return stored;
        }
        SlidingWindowState state = (SlidingWindowState) stored;
        return state(Math.max(0, state.current() - cost), state.previous(), state.atMicros());
    }

    private boolean isOfTheseNumbers(SlidingWindowState state) {
        return state.tickMicros() == tickMicros && state.periodTicks() == periodTicks;
    }

    private long windowAt(long nowMicros) {
        return Exact.windowAt(nowMicros, periodMicros());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SlidingWindow that && permits == that.permits && periodMicros() == that.periodMicros();
    }

    @Override
    public int hashCode() {
        return Objects.hash(permits, periodMicros());
    }

    /** For instance {@code sliding-window 100 per PT1S}. */
    @Override
    public String toString() {
        return "%s %d per %s".formatted(algorithm(), permits, period());
    }
}
