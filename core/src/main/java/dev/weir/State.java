package dev.weir;

/**
 * What one client has used of one limit, together with the numbers it is counted in: so that it can still be read when the
 * limit has other numbers, or is another algorithm, by then. Immutable. Each {@link Limit} writes a record of its own kind.
 */
public sealed interface State permits BucketState, WindowState, SlidingState, LogState {

    /** The moment up to which time is accounted for: microseconds since the epoch. */
    long atMicros();

    /** The permits in use at {@code nowMicros} by this state's own numbers, rounded up. */
    long permitsUsed(long nowMicros);

    /** This state with its time moved to {@code atMicros}; use unchanged. */
    State at(long atMicros);

    /** This state as seen by a clock that shows {@code nowMicros}: not further ahead of it than {@code believedMicros}. */
    default State believed(long nowMicros, long believedMicros) {
        return atMicros() - nowMicros <= believedMicros ? this : at(nowMicros);
    }

    /**
     * Whether time alone makes this of {@code earlier}. If not, it has been converted, clipped or taken back to a clock that
     * was set back, and must be stored even if nothing is charged.
     */
    boolean continues(State earlier);

    /** Whether nothing is in use: as good as no state. */
    boolean isEmpty();
}
