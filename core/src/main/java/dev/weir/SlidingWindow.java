package dev.weir;

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
 * evenly; the truth can be more: a burst at the very end of that window counts for less and less while it is still within the
 * last period. Over any interval of a period, admitted &lt; 2 &middot; permits; over a window, admitted &le; permits. Where that is too
 * loose, take a {@link SlidingLog} (exact, but it remembers each request) or a {@link TokenBucket}.
 *
 * <p>Windows are aligned to the epoch. Time within a window counts in whole ticks, the finest of a microsecond, a millisecond
 * and a second for which permits times the period's ticks stay within {@link Limit#EXACT}; a coarse tick gives back late,
 * never early.
 *
 * <p>Immutable. Equal when permits and period are.
 */
public final class SlidingWindow implements Limit {

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
        long windowAt = windowAt(nowMicros);
        if (state == null || state.isEmpty()) {
            return state(0, 0, windowAt);
        }
        State believed = state.believed(nowMicros, periodMicros());
        if (believed.equals(state) && state instanceof State.Sliding sliding && isOfTheseNumbers(sliding)) {
            return sliding.moved(Math.max(windowAt, sliding.atMicros()));
        }
        // At most a whole window, as in a token bucket: nobody owes more than that, and more could not be computed
        // exactly.
        return state(Math.min(permits, believed.permitsUsed(nowMicros)), 0, windowAt);
    }

    private State.Sliding state(long current, long previous, long windowAtMicros) {
        return new State.Sliding(tickMicros, periodTicks, current, previous, windowAtMicros);
    }

    @Override
    public long remaining(State advanced, long nowMicros) {
        State.Sliding state = (State.Sliding) advanced;
        return Math.max(0, permits - state.current() - state.weighted(nowMicros));
    }

    @Override
    public State charge(State advanced, long cost) {
        State.Sliding state = (State.Sliding) advanced;
        return state(state.current() + cost, state.previous(), state.atMicros());
    }

    @Override
    public long retryAfterMicros(State advanced, long nowMicros, long cost) {
        if (cost <= remaining(advanced, nowMicros)) {
            return 0;
        }
        State.Sliding state = (State.Sliding) advanced;
        long free = permits - state.current() - cost;
        long waitTicks = free >= 0
                ? untilCovers(free, state.previous())
                : periodTicks + untilCovers(permits - cost, state.current());
        return state.atMicros() + waitTicks * tickMicros - nowMicros;
    }

    /** Ticks into a window until the part of {@code previous} that still counts is at most {@code free}. */
    private long untilCovers(long free, long previous) {
        return previous <= free ? 0 : periodTicks - free * periodTicks / previous;
    }

    @Override
    public long resetAfterMicros(State advanced, long nowMicros) {
        State.Sliding state = (State.Sliding) advanced;
        if (state.isEmpty()) {
            return 0;
        }
        return state.atMicros() + (state.current() == 0 ? 1 : 2) * periodMicros() - nowMicros;
    }

    @Override
    public SlidingWindow share(int instances) {
        return new SlidingWindow(Exact.ceilDiv(permits, instances), tickMicros, periodTicks);
    }

    @Override
    public State leaving(long remaining, long nowMicros) {
        return state(permits - Math.min(remaining, permits), 0, windowAt(nowMicros));
    }

    /** Only in the window of the charge: in the next it counts by a part that cannot be told from the rest. */
    @Override
    public State without(State stored, long cost, long chargedAtMicros, long nowMicros) {
        boolean isSameWindow = stored instanceof State.Sliding sliding
                && isOfTheseNumbers(sliding)
                && sliding.atMicros() == windowAt(chargedAtMicros)
                && sliding.atMicros() == windowAt(nowMicros);
        if (!isSameWindow) {
            return stored;
        }
        State.Sliding state = (State.Sliding) stored;
        return state(Math.max(0, state.current() - cost), state.previous(), state.atMicros());
    }

    private boolean isOfTheseNumbers(State.Sliding state) {
        return state.tickMicros() == tickMicros && state.periodTicks() == periodTicks;
    }

    private long windowAt(long nowMicros) {
        return nowMicros - Math.floorMod(nowMicros, periodMicros());
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
