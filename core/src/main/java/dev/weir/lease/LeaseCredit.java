package dev.weir.lease;

/**
 * Whether leases pay for a client: it never costs more calls with leases than without, however its requests come.
 *
 * <p>Each request that is served from a lease has saved a call, and each call that no request waits for uses one of
 * those up. Without a credit a lease is taken only after it would have paid, as if it had been taken; it then makes no
 * call of its own, and lies about to its end if it is not spent.
 *
 * <p>Not thread-safe.
 */
final class LeaseCredit {

    /** So many requests in a row that a lease would have served show that the next one pays. */
    private static final int PROOF = 4;

    private long calls;
    private long supposed;
    private long supposedUntilNanos;
    private int served;

    /** Requests were served from a lease. */
    void add(long requests) {
        calls += requests;
    }

    /** A call is made that no request waits for. */
    void use() {
        calls--;
    }

    boolean has(long wanted) {
        return calls >= wanted;
    }

    /**
     * Whether a lease would have paid until now.
     *
     * @param cost of the request that is waiting
     * @param permits that would be leased with it, and held until {@code untilNanos} if nothing was spent
     */
    boolean wouldPay(long cost, long permits, long nowNanos, long untilNanos) {
        boolean isServed = cost <= supposed && supposedUntilNanos - nowNanos > 0;
        supposed = isServed ? supposed - cost : permits;
        supposedUntilNanos = untilNanos;
        served = isServed ? served + 1 : 0;
        return served >= PROOF;
    }
}
