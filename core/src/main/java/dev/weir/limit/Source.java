package dev.weir.limit;

/** Where a {@link Decision} was made. */
public enum Source {
    /** By the store, which all instances share. */
    STORE,
    /** From what this instance holds of the store's: permits that it has leased, or a rejection that still holds. */
    LEASE,
    /** By this instance alone: the store did not answer, too many requests wait here, or the limiter is closing. */
    LOCAL
}
