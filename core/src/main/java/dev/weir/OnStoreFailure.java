package dev.weir;

import dev.weir.limit.Reason;

/**
 * What a policy does while the store does not answer.
 *
 * <pre>{@code
 * Policy login = Policy.of("login", Limit.slidingLog(5, Duration.ofMinutes(1))).onStoreFailure(OnStoreFailure.REJECT);
 * }</pre>
 */
public enum OnStoreFailure {
    /** Keeps this instance's share of the limit, in memory: the limit divided by the live instances. */
    LOCAL,
    /**
     * Permits every request that the limit could permit: none of a client of weight 0, and none whose cost is above the
     * limit.
     */
    PERMIT,
    /** Rejects every request: with {@link Reason#STORE_UNAVAILABLE} if it could pass with the store. */
    REJECT;

    /** When a request that was refused for want of the store is worth another try. */
    static final long RETRY_AFTER_MICROS = 1_000_000;
}
