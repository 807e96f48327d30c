package dev.weir.store;

import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import org.jspecify.annotations.Nullable;

/**
 * A client's part in a {@link Pool}. Immutable.
 *
 * @param pool the pool whose capacity is shared
 * @param weight the client's part relative to others, from 0 to {@link Pool#MAX_WEIGHT}
 */
public record Share(Pool pool, long weight) {

    /** @throws IllegalArgumentException if the weight is out of its range */
    public Share {
        Pool.requireWeight(weight);
    }

    /**
     * A charge on this share.
     *
     * @param usage under which name use of the client's own limit is counted, and what the decision is called by
     * @param own the limit in force for the client itself; null if it has none
     * @param cost the permits to take, from 1 to {@link Limit#EXACT}
     */
    public Charge charge(String usage, @Nullable Limit own, long cost) {
        return new Charge(usage, own == null ? pool.limit() : own, cost, this);
    }
}
