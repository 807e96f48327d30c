package dev.weir;

import java.util.List;

/**
 * Decides requests under one policy. Look it up once with {@link Weir#limiter} and keep it: it follows every later change of
 * the policy. Thread-safe.
 */
public final class RateLimiter {

    private final Weir weir;
    private final String policy;
    private final Leases leases;

    RateLimiter(Weir weir, String policy, Leases leases) {
        this.weir = weir;
        this.policy = policy;
        this.leases = leases;
    }

    /** Whether {@code client} may go on; takes one permit if so. */
    public boolean allow(String client) {
        return allow(client, 1);
    }

    /** Whether {@code client} may go on with a request of {@code cost}; takes that many permits if so, none otherwise. */
    public boolean allow(String client, long cost) {
        return leases.spend(client, cost) || decide(client, cost).permitted();
    }

    /** As {@link #tryAcquire(String, long)} with a cost of 1. */
    public Decision tryAcquire(String client) {
        return tryAcquire(client, 1);
    }

    /**
     * Takes {@code cost} permits of {@code client} if that many are left. Never waits for permits; waits for the store no
     * longer than its deadline, however often it asks.
     *
     * @param client whose permits, 1 to 256 bytes in UTF-8
     * @param cost from 1 to {@link Limit#EXACT}
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if the policy has been removed since
     */
    public Decision tryAcquire(String client, long cost) {
        Decision leased = leases.trySpend(client, cost);
        return leased == null ? decide(client, cost) : leased;
    }

    private Decision decide(String client, long cost) {
        return weir.tryAcquire(client, List.of(new PolicyCost(policy, cost)))
                .each()
                .get(0);
    }

    /**
     * As {@link #tryAcquire(String, long)}, with everything there is to say. A request with a timestamp of its own that is too old
     * or too far ahead is rejected; see {@link Acquisition#at}.
     *
     * @throws IllegalArgumentException if a number is out of its range, or numbers given with the call cannot be counted exactly
     * @throws UnknownSubBucketException if it names a sub-bucket that the client's limit does not have
     * @throws UnknownPolicyException if the policy has been removed since
     */
    public Decision tryAcquire(Acquisition request) {
        PolicyCost cost =
                new PolicyCost(policy, request.cost(), request.action(), request.subBucket(), request.terms(), false);
        return weir.tryAcquire(request.client(), cost, request.at());
    }

    /** The policy as it is now. */
    public Policy policy() {
        return weir.policy(policy);
    }
}
