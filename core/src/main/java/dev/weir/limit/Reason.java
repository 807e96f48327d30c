package dev.weir.limit;

/** Why a {@link Decision} is what it is: a closed list. */
public enum Reason {
    /** Permitted within the limit. */
    OK,
    /** The limit is used up for now. */
    LIMIT,
    /** The client's fair share of the pool is used up for now. */
    SHARE,
    /** The pool is exhausted for now, whosever share it is. */
    CAPACITY,
    /** The cost is larger than the limit's capacity: it can never pass. */
    COST_ABOVE_LIMIT,
    /** The caller's timestamp is older than the policy's max-age. */
    STALE,
    /** The caller's timestamp is further ahead of the store's clock than the policy's max-skew. */
    FUTURE,
    /** Too many requests of the client, or of this instance, wait for their turn already. */
    QUEUE_FULL,
    /**
     * The store did not answer, and the policy, not the limit, decided; or this limiter was closed while the request
     * waited.
     */
    STORE_UNAVAILABLE
}
