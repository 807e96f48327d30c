package dev.weir;

import org.jspecify.annotations.Nullable;

/**
 * What a store is asked to decide on a {@link Pool}, together with the client's own limit if it has one.
 *
 * @param client whose request it is
 * @param usage under which name use of the client's own limit is counted, as in {@link Charge}, and what the decision is
 *     called by
 * @param pool whose capacity is shared
 * @param weight the client's share relative to others, from 0 to {@link Pool#MAX_WEIGHT}
 * @param own the limit in force for the client itself; null if it has none
 * @param cost the permits to take, from 1 to {@link Limit#EXACT}
 */
public record PoolCall(
        String client,
        String usage,
        Pool pool,
        long weight,
        @Nullable Limit own,
        long cost) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public PoolCall {
        Pool.requireWeight(weight);
        PolicyCost.requireCost(cost);
    }

    /** The same request under another limit of the client's own, or none. */
    PoolCall within(@Nullable Limit other) {
        return new PoolCall(client, usage, pool, weight, other, cost);
    }

    /**
     * For a store: its decision.
     *
     * @param reason {@link Reason#OK} if the cost was charged
     * @param ofOwn whether the client's own limit decided, and not the pool's
     * @param remaining permits that are left there; if both permit the request, the fewer
     */
    public Decision decision(
            Reason reason, boolean ofOwn, long remaining, long resetAfterMicros, long retryAfterMicros) {
        Limit limit = ofOwn && own != null ? own : pool.limit();
        if (reason == Reason.OK) {
            return new Decision.Permitted(usage, limit, remaining, resetAfterMicros, reason);
        }
        long retryAfter = reason == Reason.COST_ABOVE_LIMIT ? Decision.Rejected.NEVER : retryAfterMicros;
        return new Decision.Rejected(usage, limit, remaining, resetAfterMicros, reason, retryAfter);
    }
}
