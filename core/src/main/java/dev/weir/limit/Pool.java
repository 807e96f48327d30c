package dev.weir.limit;

/**
 * Capacity that the clients of one or more policies share by weight: C permits per period and a burst, together.
 * Immutable.
 *
 * <p>Together they are admitted at most burst + C &middot; t over any interval t, exactly. While they want more than
 * there is, each gets its weight's part of the capacity, and what one leaves unused flows to the others, again by
 * weight (weighted max-min fairness). Clients of weight 0 together get one hundredth of it, each the same.
 *
 * <p>The burst is also the time in which the pool answers a change: a client that had it all to itself may take four
 * fifths of the burst at once. A tenth of a second's capacity is a good measure.
 *
 * @param name 1 to 64 letters, digits, {@code -} and {@code _}, not starting with {@code -} or {@code _}
 * @param limit what all clients of the pool may take together. Its burst is at least 2, for the largest cost that can
 *     pass is half of it
 */
public record Pool(String name, TokenBucket limit) {

    /**
     * The largest weight of a client in a pool. Those of 9,007,199,254 clients at once can be added exactly (below
     * 2<sup>53</sup>).
     */
    public static final long MAX_WEIGHT = 1_000_000;

    /** The largest burst of a pool, in permits: up to it shares are counted closely enough. */
    public static final long MAX_BURST = 1L << 40;

    /** @throws IllegalArgumentException if the name or the burst is not as described */
    public Pool {
        if (!Names.isPolicyName(name)) {
            throw new IllegalArgumentException(
                    ("a pool's name must be 1 to 64 letters, digits, '-' and '_', starting with a letter or digit, "
                                    + "but is '%s'")
                            .formatted(name));
        }
        requireBurst(limit.capacity());
    }

    /**
     * A pool of so many permits per period, and a burst.
     *
     * @throws IllegalArgumentException if the name or the burst is not as described, or the numbers cannot be counted
     *     exactly
     */
    public Pool(String name, Rate rate) {
        this(name, Limit.tokenBucket(rate.permits(), rate.period(), requireBurst(rate.burst())));
    }

    private static long requireBurst(long burst) {
        if (burst < 2 || burst > MAX_BURST) {
            throw new IllegalArgumentException(
                    "a pool's burst must be from 2, twice the smallest cost, to %d, but is %d"
                            .formatted(MAX_BURST, burst));
        }
        return burst;
    }

    /** The largest cost that can ever pass: half of the burst. */
    public long largestCost() {
        return limit.capacity() / 2;
    }

    /** @throws IllegalArgumentException if no client of a pool can have such a weight */
    public static long requireWeight(long weight) {
        if (weight < 0 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException(
                    "a weight in a pool must be a whole number from 0 to %d, but is %d".formatted(MAX_WEIGHT, weight));
        }
        return weight;
    }
}
