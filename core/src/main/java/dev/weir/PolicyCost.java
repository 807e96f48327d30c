package dev.weir;

/**
 * A policy by its name and what a request costs there.
 *
 * @param policy the policy's name
 * @param cost the permits it takes, from 1 to {@link Limit#EXACT}
 */
public record PolicyCost(String policy, long cost) {

    /** @throws IllegalArgumentException if the cost is out of its range */
    public PolicyCost {
        if (cost < 1 || cost > Limit.EXACT) {
            throw new IllegalArgumentException(
                    "cost must be a whole number from 1 to %d, but is %d".formatted(Limit.EXACT, cost));
        }
    }
}
