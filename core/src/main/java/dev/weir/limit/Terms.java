package dev.weir.limit;

import org.jspecify.annotations.Nullable;

/**
 * What differs from a policy's own numbers, for a client, a plan or a call. What is left out stays as it is. Immutable.
 *
 * @param rate other numbers for the limit
 * @param weight how many times the limit a client gets; 1 if nothing else is said. With 0 the client gets the policy's
 *     minimum, which is nothing unless it is set. Where a {@link Pool} is shared, the
 *     client's share relative to others, at most {@link Pool#MAX_WEIGHT}
 * @param split the sub-buckets that the limit is divided into
 */
public record Terms(
        @Nullable Rate rate,
        @Nullable Long weight,
        @Nullable Split split) {

    /** Nothing differs. */
    public static final Terms NONE = new Terms(null, null, null);

    /** @throws IllegalArgumentException if the weight is negative or above {@link Limit#EXACT} */
    public Terms {
        if (weight != null && (weight < 0 || weight > Limit.EXACT)) {
            throw new IllegalArgumentException(
                    "weight must be a whole number from 0 to %d, but is %d".formatted(Limit.EXACT, weight));
        }
    }

    /**
     * A weight alone: {@code Terms.weight(3)} is three times the limit, or three shares of a pool.
     *
     * @throws IllegalArgumentException if it is negative or above {@link Limit#EXACT}
     */
    public static Terms weight(long weight) {
        return new Terms(null, weight, null);
    }

    /** Other numbers for the limit alone. */
    public static Terms rate(Rate rate) {
        return new Terms(rate, null, null);
    }

    /** Sub-buckets alone. */
    public static Terms split(Split split) {
        return new Terms(null, null, split);
    }

    /** These terms, and where they leave something out, the others. */
    public Terms over(Terms others) {
        if (others == NONE) {
            return this;
        }
        return new Terms(
                rate == null ? others.rate : rate,
                weight == null ? others.weight : weight,
                split == null ? others.split : split);
    }
}
