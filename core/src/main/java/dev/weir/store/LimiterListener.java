package dev.weir.store;

import dev.weir.limit.Decision;

/**
 * Receives what a limiter does, for metrics and logs. Every method does nothing unless overridden, and must be quick
 * and thread-safe. Whatever a method throws, an {@link Error} included, is logged (the first as a warning, later ones
 * at DEBUG) and changes nothing for the request or the limiter. A method is called on the thread of the request where
 * that is decided at once; otherwise on one of the limiter's own, which let requests wait, probe the store and look
 * after leases.
 */
public interface LimiterListener {

    /** One that does nothing, so that no decision need be made for it where the caller asks for none. */
    LimiterListener NONE = new LimiterListener() {};

    /** A decision was made; called once for each policy that a request was decided on. */
    default void onDecision(Decision decision, long cost) {}

    /**
     * What leases of a policy did lately, if anything; called in the background, several times a second. Decisions that
     * are counted here were not reported to {@link #onDecision}.
     */
    default void onLeaseUse(String policy, LeaseUse use) {}

    /**
     * The store answered a call after {@code nanos}. A request of a client over its limit may have waited for the call
     * of another one: its wait counts like an answer.
     */
    default void onStoreAnswer(long nanos) {}

    /** The store failed a call after {@code nanos}. */
    default void onStoreFailure(StoreException.Kind kind, long nanos) {}

    /**
     * So many permits were admitted under a policy without the store, and will not be charged to it: too many clients
     * came meanwhile for all to be remembered. Or it is not known whether they were charged: that call had no answer,
     * and is not made again.
     *
     * @param policy the policy's name; a pool's, for what is owed to the pool itself
     */
    default void onDebtLost(String policy, long permits) {}

    /** The store is taken to be up or down from now on. */
    default void onStoreChange(boolean up) {}
}
