package dev.weir.limit;

/**
 * What one client has used of one limit, as a store in Java keeps it: an immutable {@link State}, or a
 * {@link TokenBucketTally}, which is changed in place.
 */
public sealed interface Usage permits State, TokenBucketTally {

    /** The use as it is now. */
    State asState();

    /** The permits in use at {@code nowMicros}, rounded up. */
    long permitsUsed(long nowMicros);

    /** When nothing is in use any more if nothing is taken before: microseconds since the epoch. */
    long emptyAtMicros();
}
