package dev.weir.lease;

/**
 * How many permits are asked for, lately, by how many requests, and how many of them are worth a lease. Not
 * thread-safe.
 */
final class DemandEstimate {

    /**
     * A client that needs fewer permits than {@link LeaseBasis#leastDemand} gets a lease all the same if what it needs
     * in the whole life of one is at most such a part of what this instance may hold: a hundredth of the limit for all
     * of them, which no client misses. Then it is leased for that long, if it saves most of the calls.
     */
    private static final long TRIFLE_PART = 10;

    private static final long LEAST_NANOS = LeaseBasis.HORIZON_NANOS / 4;

    private long sinceNanos;
    private double asked;
    private double requests;
    private double perHorizon;
    private double requestsPerHorizon;

    DemandEstimate(long nowNanos) {
        sinceNanos = nowNanos;
    }

    void add(long permits, long byRequests) {
        asked += permits;
        requests += byRequests;
    }

    /**
     * What to hold in advance.
     *
     * @param permits 0 if no lease is worth it
     * @param isTrifle whether they are so few that they may lie about until the lease ends
     */
    record Need(long permits, boolean isTrifle) {}

    /**
     * @param basis what they would be leased on
     * @param most the most permits that this instance may hold
     */
    Need need(LeaseBasis basis, long most, long nowNanos) {
        measure(nowNanos);
        double lately = lately(basis);
        double inLife = lately * HeldPermits.LONGEST_NANOS / basis.horizonNanos();
        boolean isTrifle = basis.share() == null && inLife <= most / TRIFLE_PART;
        long permits = (long) Math.min(most, isTrifle ? inLife : lately);
        boolean isEnough = permits >= (isTrifle ? basis.leastRequests() : basis.leastDemand());
        return new Need(isEnough && servedBy(permits) >= basis.leastRequests() ? permits : 0, isTrifle);
    }

    /** How many requests so many permits serve, by what a request has cost lately. */
    private double servedBy(long permits) {
        double ofAll = permitsLately();
        return ofAll == 0 ? 0 : permits * requestsLately() / ofAll;
    }

    /** Whether so much is asked for that it is worth a lease. */
    boolean isHigh(LeaseBasis basis, long nowNanos) {
        measure(nowNanos);
        return lately(basis) >= basis.leastDemand();
    }

    private double lately(LeaseBasis basis) {
        return permitsLately() * basis.horizonNanos() / LeaseBasis.HORIZON_NANOS;
    }

    /** One request says nothing about the next. */
    private double permitsLately() {
        return requests > 1 ? Math.max(perHorizon, asked) : perHorizon;
    }

    private double requestsLately() {
        return requests > 1 ? Math.max(requestsPerHorizon, requests) : requestsPerHorizon;
    }

    /** Rises as soon as more is asked for; falls with what was asked for in at least a quarter of the horizon. */
    private void measure(long nowNanos) {
        long elapsed = nowNanos - sinceNanos;
        if (elapsed >= LEAST_NANOS) {
            perHorizon = smoothed(perHorizon, asked * LeaseBasis.HORIZON_NANOS / elapsed);
            requestsPerHorizon = smoothed(requestsPerHorizon, requests * LeaseBasis.HORIZON_NANOS / elapsed);
            asked = 0;
            requests = 0;
            sinceNanos = nowNanos;
        }
    }

    private static double smoothed(double before, double latest) {
        return Math.max(latest, (before + latest) / 2);
    }
}
