package dev.weir.store;

/**
 * What leases did since it was last reported: for metrics. Permits, if not said otherwise. Sooner or later, what is
 * leased is spent, returned or expired.
 *
 * @param decisions requests that were permitted from a lease, and that {@link LimiterListener#onDecision} was not
 *     notified of
 * @param cost what they took
 * @param notified requests that were permitted from a lease, and that it was notified of
 * @param refusals requests that were rejected from memory, without asking the store; it was notified of them, too
 * @param leased given by the store
 * @param spent taken by requests, of both kinds
 * @param returned given back to the store
 * @param expired neither spent nor given back in time
 * @param calls to the store, for leases
 */
public record LeaseUse(
        long decisions,
        long cost,
        long notified,
        long refusals,
        long leased,
        long spent,
        long returned,
        long expired,
        long calls) {

    /** Nothing happened. */
    public static final LeaseUse NONE = new LeaseUse(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public static LeaseUse ofSpent(long decisions, long cost, long notified, long notifiedCost) {
        return new LeaseUse(decisions, cost, notified, 0, 0, cost + notifiedCost, 0, 0, 0);
    }

    public static LeaseUse ofRefusal() {
        return new LeaseUse(0, 0, 0, 1, 0, 0, 0, 0, 0);
    }

    public static LeaseUse ofLeased(long permits) {
        return new LeaseUse(0, 0, 0, 0, permits, 0, 0, 0, 0);
    }

    public static LeaseUse ofReturned(long permits) {
        return new LeaseUse(0, 0, 0, 0, 0, 0, permits, 0, 0);
    }

    public static LeaseUse ofExpired(long permits) {
        return new LeaseUse(0, 0, 0, 0, 0, 0, 0, permits, 0);
    }

    public static LeaseUse ofCall() {
        return new LeaseUse(0, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    public LeaseUse plus(LeaseUse other) {
        return new LeaseUse(
                decisions + other.decisions,
                cost + other.cost,
                notified + other.notified,
                refusals + other.refusals,
                leased + other.leased,
                spent + other.spent,
                returned + other.returned,
                expired + other.expired,
                calls + other.calls);
    }
}
