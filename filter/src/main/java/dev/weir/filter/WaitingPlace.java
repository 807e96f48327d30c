package dev.weir.filter;

/** Where a request may wait for its turn. */
@FunctionalInterface
interface WaitingPlace {

    /** Whether the request can wait there; if not, it is decided at once. */
    boolean isReachable();

    /** The request was rejected, and would have waited for its turn if it could. */
    default void isMissed() {}
}
