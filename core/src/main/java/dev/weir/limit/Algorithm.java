package dev.weir.limit;

import java.util.Locale;

/** How a limit is kept. */
public enum Algorithm {
    /** A {@link TokenBucket}. */
    TOKEN_BUCKET,
    /** A {@link TokenBucket} under its other name: the leaky bucket as a meter is the same automaton. */
    LEAKY_BUCKET,
    /** A {@link FixedWindow}. */
    FIXED_WINDOW,
    /** A {@link SlidingWindow}. */
    SLIDING_WINDOW,
    /** A {@link SlidingLog}. */
    SLIDING_LOG;

    /** As configuration writes it, for instance {@code token-bucket}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
