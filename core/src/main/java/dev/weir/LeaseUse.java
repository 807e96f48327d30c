package dev.weir;

/**
 * What leases did since it was last told: for metrics. Permits, if not said otherwise.
 *
 * @param decisions requests that were permitted from a lease, and that {@link LimiterListener#onDecision} was not told of
 * @param cost what they took
 * @param leased given by the store
 * @param returned given back to it
 * @param expired neither spent nor given back in time
 * @param refusals requests that were rejected from memory, without asking the store
 * @param calls to the store, for leases
 */
public record LeaseUse(long decisions, long cost, long leased, long returned, long expired, long refusals, long calls) {

    /** Nothing happened. */
    public static final LeaseUse NONE = new LeaseUse(0, 0, 0, 0, 0, 0, 0);

    static LeaseUse ofSpent(long decisions, long cost) {
        return new LeaseUse(decisions, cost, 0, 0, 0, 0, 0);
    }

    static LeaseUse ofLeased(long permits) {
        return new LeaseUse(0, 0, permits, 0, 0, 0, 0);
    }

    static LeaseUse ofReturned(long permits) {
        return new LeaseUse(0, 0, 0, permits, 0, 0, 0);
    }

    static LeaseUse ofExpired(long permits) {
        return new LeaseUse(0, 0, 0, 0, permits, 0, 0);
    }

    static LeaseUse ofRefusal() {
        return new LeaseUse(0, 0, 0, 0, 0, 1, 0);
    }

    static LeaseUse ofCall() {
        return new LeaseUse(0, 0, 0, 0, 0, 0, 1);
    }

    LeaseUse plus(LeaseUse other) {
        return new LeaseUse(
                decisions + other.decisions,
                cost + other.cost,
                leased + other.leased,
                returned + other.returned,
                expired + other.expired,
                refusals + other.refusals,
                calls + other.calls);
    }
}
