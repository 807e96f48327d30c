package dev.weir.limit;

/**
 * What one client has used of one limit, together with the numbers it is counted in: so that it can still be read when
 * the limit has other numbers, or is another algorithm, by then. Immutable. Each {@link Meter} writes a record of its
 * own kind.
 */
public sealed interface State extends Usage
        permits TokenBucketState, FixedWindowState, SlidingWindowState, SlidingLogState, StampedState {

    /** The moment up to which time is accounted for: microseconds since the epoch. */
    long atMicros();

    /** The permits in use at {@code nowMicros} by this state's own numbers, rounded up. */
    @Override
    long permitsUsed(long nowMicros);

    /**
     * Microseconds from {@code nowMicros} until at most {@code permits} are in use by this state's own numbers, if
     * nothing is taken before; 0 if that is so already.
     *
     * @param permits 0 or more
     */
    long fitsAfterMicros(long permits, long nowMicros);

    /** This state as time alone has made it by {@code nowMicros}, by its own numbers. */
    State drained(long nowMicros);

    /**
     * This state, {@linkplain #drained drained} to now, with so many more permits in use, whatever its limit permits;
     * as many of them as can be counted exactly.
     *
     * @param permits 1 or more
     */
    State owing(long permits);

    /** This state on a clock that was set back to {@code nowMicros}; use unchanged. */
    State at(long nowMicros);

    /**
     * This state as seen by a clock that shows {@code nowMicros}: not further ahead of it than {@code believedMicros}.
     */
    default State believed(long nowMicros, long believedMicros) {
        return isBelieved(nowMicros, believedMicros) ? this : at(nowMicros);
    }

    /** Whether this state is at most {@code believedMicros} ahead of a clock that shows {@code nowMicros}. */
    default boolean isBelieved(long nowMicros, long believedMicros) {
        return atMicros() - nowMicros <= believedMicros;
    }

    /** Whether nothing is in use: as good as no state. */
    boolean isEmpty();

    /** This state itself. */
    @Override
    default State asState() {
        return this;
    }
}
