package dev.weir.lease;

/**
 * Whether a lease is worth its calls: what requests need lately, and what calls leases have saved. Not thread-safe.
 */
final class LeaseWorth {

    private final LeaseCredit credit = new LeaseCredit();
    private final DemandEstimate demand;
    private long usedNanos;

    LeaseWorth(long nowNanos) {
        this.demand = new DemandEstimate(nowNanos);
        this.usedNanos = nowNanos;
    }

    /** A request has come that is not served from a lease. */
    void requested(long cost, long nowNanos) {
        demand.add(cost, 1);
        usedNanos = nowNanos;
    }

    /** Requests were served from the lease. */
    void spent(LeaseLedger.Spent spent, long nowNanos) {
        if (spent.permits() > 0) {
            demand.add(spent.permits(), spent.requests());
            credit.add(spent.requests());
            usedNanos = nowNanos;
        }
    }

    /** How long no request has come. */
    long unusedNanos(long nowNanos) {
        return nowNanos - usedNanos;
    }

    /** What to hold in advance, at most {@code most}. */
    DemandEstimate.Need need(LeaseBasis basis, long most, long nowNanos) {
        return demand.need(basis, most, nowNanos);
    }

    /** Whether so much is asked for that it is worth a lease. */
    boolean isHigh(LeaseBasis basis, long nowNanos) {
        return demand.isHigh(basis, nowNanos);
    }

    /**
     * Whether the calls that follow are paid for: this one, if no request waits for it, and one to give back.
     *
     * @param cost of the request that waits; 0 if none does
     * @param isLeased whether there is a lease already
     */
    boolean pays(long cost, DemandEstimate.Need need, boolean isLeased, long nowNanos) {
        if (cost == 0) {
            boolean isPaid = credit.has(2);
            if (isPaid) {
                credit.use();
            }
            return isPaid;
        }
        long untilNanos = nowNanos + (need.isTrifle() ? HeldPermits.LONGEST_NANOS : LeaseBasis.HORIZON_NANOS);
        return isLeased || credit.has(1) || credit.wouldPay(cost, need.permits(), nowNanos, untilNanos);
    }

    /** Whether a call to give back is paid for. */
    boolean paysToGiveBack() {
        return credit.has(1);
    }

    /** A call is made that no request waits for. */
    void use() {
        credit.use();
    }
}
