package dev.weir.faults;

/**
 * What may come through beside burst + rate &middot; t, and be logged, when a fault is made: what {@code promises.md}
 * and {@code operations.md} say, in numbers.
 *
 * @param losses how often instances lose their store and find it again. Each time a call on each connection may be
 *     under way, which is never charged twice; and shares are rounded up, a permit for each instance
 * @param isStateLost whether the store forgets what was in use: a burst
 * @param isLeaseOverrun whether an instance with fast leases was stopped: the rest of a lease, a tenth of the limit
 * @param isBounded whether there is a bound at all
 * @param lines how many messages an instance may log
 * @param aloneSeconds how long one instance is without the store while the others are not: it permits its part of the
 *     rate, and of the burst, beside what they get from the store
 */
record Allowance(
        int losses, boolean isStateLost, boolean isLeaseOverrun, boolean isBounded, int lines, int aloneSeconds) {

    private static final int INSTANCES = 2;
    private static final int LEASED = 10;

    /** Nothing at all: the fault is not to be noticed. */
    static Allowance none() {
        return new Allowance(0, false, false, true, 0, 0);
    }

    /** The store is lost so often: a message says so, and one that it is back. */
    static Allowance losses(int losses) {
        return new Allowance(losses, false, false, true, 2 * losses, 0);
    }

    Allowance stateLost() {
        return new Allowance(losses, true, isLeaseOverrun, isBounded, lines, aloneSeconds);
    }

    Allowance leaseOverrun() {
        return new Allowance(losses, isStateLost, true, isBounded, lines, aloneSeconds);
    }

    Allowance unbounded() {
        return new Allowance(losses, isStateLost, isLeaseOverrun, false, lines, aloneSeconds);
    }

    /** One instance alone loses the store, for so long. */
    Allowance alone(int seconds) {
        return new Allowance(losses, isStateLost, isLeaseOverrun, isBounded, lines, seconds);
    }

    /** And so many messages more. */
    Allowance lines(int more) {
        return new Allowance(losses, isStateLost, isLeaseOverrun, isBounded, lines + more, aloneSeconds);
    }

    /** And so many messages in all. */
    Allowance logging(int all) {
        return new Allowance(losses, isStateLost, isLeaseOverrun, isBounded, all, aloneSeconds);
    }

    /** The permits of a limit beside burst + rate &middot; t. */
    long permits(Traffic traffic) {
        return permits(traffic, INSTANCES);
    }

    /** The same, where so many instances share it. */
    long permits(Traffic traffic, int instances) {
        long unknown = (long) losses * instances * (traffic.connections() * traffic.cost() + 1);
        long forgotten = isStateLost ? traffic.burst() : 0;
        long overrun = isLeaseOverrun && traffic == Traffic.HOT ? traffic.burst() / LEASED : 0;
        long alone = aloneSeconds == 0 ? 0 : ((long) aloneSeconds * traffic.limit() + traffic.burst()) / instances;
        return unknown + forgotten + overrun + alone;
    }
}
