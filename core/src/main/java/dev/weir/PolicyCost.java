package dev.weir;

import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.Terms;
import org.jspecify.annotations.Nullable;

/**
 * A policy by its name and what a request takes there.
 *
 * <pre>{@code
 * Decisions decisions =
 *         weir.tryAcquire("alice", List.of(new PolicyCost("per-second", 1), new PolicyCost("per-day", 1)));
 * }</pre>
 *
 * @param policy the policy's name
 * @param cost the permits it takes, from 1 to {@link Limit#EXACT}
 * @param action what the client is doing, or null
 * @param subBucket which sub-bucket to take from, from 0; null draws one if the client's limit is split. Of several
 *     policies asked together, one of which the client has no such sub-bucket permits nothing
 *     ({@link Reason#COST_ABOVE_LIMIT})
 * @param terms numbers of this request's own, which win over all others; with a rate, use counts by itself, for the
 *     action and the period ({@link Acquisition#limit})
 * @param shadow whether this is decided and counted, but not enforced
 */
public record PolicyCost(
        String policy,
        long cost,
        @Nullable String action,
        @Nullable Integer subBucket,
        Terms terms,
        boolean shadow) {

    /** @throws IllegalArgumentException if the cost is out of its range */
    public PolicyCost {
        requireCost(cost);
    }

    /** As the policy says. */
    public PolicyCost(String policy, long cost) {
        this(policy, cost, null, null, Terms.NONE, false);
    }

    /** Whether it says nothing but the policy and a cost, and so may be taken from a lease. */
    boolean isPlain() {
        return action == null && subBucket == null && terms == Terms.NONE && !shadow;
    }

    static void requireCost(long cost) {
        if (cost < 1 || cost > Limit.EXACT) {
            throw new IllegalArgumentException(
                    "cost must be a whole number from 1 to %d, but is %d".formatted(Limit.EXACT, cost));
        }
    }
}
