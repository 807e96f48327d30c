package dev.weir;

import dev.weir.limit.Limit;
import dev.weir.limit.Names;

/**
 * A bucket by its id and what a request takes there.
 *
 * <pre>{@code
 * Decisions decisions = weir.tryAcquire(
 *         "alice", List.of(new PolicyCost("search", 1)), List.of(new BucketCost("tenant-7", 5)));
 * }</pre>
 *
 * @param id the bucket's id, 1 to {@link Names#MAX_ID_BYTES} bytes in UTF-8
 * @param cost the permits it takes, from 1 to {@link Limit#EXACT}
 * @param shadow whether this is decided and counted, but not enforced
 */
public record BucketCost(String id, long cost, boolean shadow) {

    /** @throws IllegalArgumentException if the id or the cost is out of its range */
    public BucketCost {
        Names.requireId("a bucket's id", id);
        PolicyCost.requireCost(cost);
    }

    /** That is enforced. */
    public BucketCost(String id, long cost) {
        this(id, cost, false);
    }
}
