package dev.weir;

/** What a policy does while the store does not answer. */
public enum OnStoreFailure {
    /** Keeps this instance's share of the limit, in memory: the limit divided by the live instances. */
    LOCAL,
    /** Permits every request. */
    PERMIT,
    /** Rejects every request, with {@link Reason#STORE_UNAVAILABLE}. */
    REJECT
}
