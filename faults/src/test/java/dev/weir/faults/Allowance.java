package dev.weir.faults;

/**
 * What may come through beside burst + rate &middot; t, and be logged, when a fault is made: what {@code promises.md}
 * and {@code operations.md} say, in numbers.
 *
 * @param extra the permits beside that
 * @param isBounded whether there is a bound at all
 * @param lines how many messages an instance may log
 */
record Allowance(Extra extra, boolean isBounded, int lines) {

    private static final int INSTANCES = 2;
    private static final int LEASED = 10;

    /** One part in so many more than allowed may a store that stutters cost. */
    private static final int OF_A_STUTTER = 50;

    /** Permits of one limit that so many instances share. */
    interface Extra {

        long permits(Traffic traffic, int instances);
    }

    /** Nothing at all: the fault is not to be noticed. */
    static Allowance none() {
        return new Allowance((traffic, instances) -> 0, true, 0);
    }

    /**
     * The store is lost so often: a message says so, and one that it is back. Each time a call on each connection may be
     * under way, which is never charged twice; and shares are rounded up, a permit for each instance.
     */
    static Allowance losses(int losses) {
        return new Allowance(
                (traffic, instances) -> (long) losses * instances * (traffic.connections() * traffic.cost() + 1),
                true,
                2 * losses);
    }

    /** The store stutters for so long: 2 % of burst + rate &middot; t, and messages as of one loss. */
    static Allowance stutter(int seconds) {
        return new Allowance(
                (traffic, instances) -> (traffic.burst() + (long) traffic.limit() * seconds) / OF_A_STUTTER, true, 2);
    }

    /** The store forgets what was in use: a burst. */
    Allowance stateLost() {
        return and((traffic, instances) -> traffic.burst());
    }

    /** An instance with fast leases is stopped: the rest of a lease, a tenth of the limit. */
    Allowance leaseOverrun() {
        return and((traffic, instances) -> traffic == Traffic.HOT ? traffic.burst() / LEASED : 0);
    }

    /**
     * One instance alone loses the store, for so long: it permits its part of the rate, and of the burst, beside what the
     * others get from the store.
     */
    Allowance alone(int seconds) {
        return and((traffic, instances) -> ((long) seconds * traffic.limit() + traffic.burst()) / instances);
    }

    private Allowance and(Extra more) {
        return new Allowance(
                (traffic, instances) -> extra.permits(traffic, instances) + more.permits(traffic, instances),
                isBounded,
                lines);
    }

    Allowance unbounded() {
        return new Allowance(extra, false, lines);
    }

    /** And so many messages more. */
    Allowance lines(int more) {
        return new Allowance(extra, isBounded, lines + more);
    }

    /** The permits of a limit beside burst + rate &middot; t. */
    long permits(Traffic traffic) {
        return permits(traffic, INSTANCES);
    }

    /** The same, where so many instances share it. */
    long permits(Traffic traffic, int instances) {
        return extra.permits(traffic, instances);
    }
}
