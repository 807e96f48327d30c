package dev.weir;

import dev.weir.lease.LeaseTable;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Decides requests under one policy. Look it up once with {@link Weir#limiter} and keep it: it follows every later
 * change of the policy. Thread-safe.
 */
public final class RateLimiter {

    private final Weir weir;
    private final String policy;
    private final PolicyCost one;
    private final LeaseTable leases;

    RateLimiter(Weir weir, String policy, LeaseTable leases) {
        this.weir = weir;
        this.policy = policy;
        this.one = new PolicyCost(policy, 1);
        this.leases = leases;
    }

    /** Whether {@code client} may go on; takes one permit if so. */
    public boolean allow(String client) {
        return allow(client, 1);
    }

    /**
     * Whether {@code client} may go on with a request of {@code cost}; takes that many permits if so, none otherwise.
     */
    public boolean allow(String client, long cost) {
        return leases.spend(client, cost) || decide(client, cost).permitted();
    }

    /** As {@link #tryAcquire(String, long)} with a cost of 1. */
    public Decision tryAcquire(String client) {
        return tryAcquire(client, 1);
    }

    /**
     * Takes {@code cost} permits of {@code client} if that many are left. Never waits for permits; waits for the store
     * no longer than its deadline, however often it asks.
     *
     * @param client the client whose permits are charged, 1 to 256 bytes in UTF-8
     * @param cost from 1 to {@link Limit#EXACT}
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if the policy has been removed since
     */
    public Decision tryAcquire(String client, long cost) {
        Decision leased = leases.trySpend(client, cost);
        return leased == null ? decide(client, cost) : leased;
    }

    private Decision decide(String client, long cost) {
        return weir.decider().decide(client, cost == 1 ? one : new PolicyCost(policy, cost), weir.listener());
    }

    /**
     * As {@link #tryAcquire(String, long)}, with everything there is to say. A request with a timestamp of its own that
     * is too old or too far ahead is rejected; see {@link Acquisition#at}.
     *
     * @throws IllegalArgumentException if a number is out of its range, or numbers given with the call cannot be
     *     counted exactly
     * @throws UnknownSubBucketException if it names a sub-bucket that the client's limit does not have
     * @throws UnknownPolicyException if the policy has been removed since
     */
    public Decision tryAcquire(Acquisition request) {
        return weir.decider().decide(request.client(), cost(request), request.at(), weir.listener());
    }

    private PolicyCost cost(Acquisition request) {
        return new PolicyCost(policy, request.cost(), request.action(), request.subBucket(), request.terms(), false);
    }

    /** As {@link #acquireAsync(Acquisition, Duration)} with a cost of 1. */
    public CompletableFuture<Decision> acquireAsync(String client, Duration maxDelay) {
        return acquireAsync(Acquisition.of(client), maxDelay);
    }

    /**
     * As {@link #tryAcquire(Acquisition)}, but a request above the limit waits for its turn, without a thread, and is
     * decided then. Requests of a client pass in the order in which they came to this instance; what stands in line is
     * not charged. One that surely cannot pass in time, or that would stand in too long a line
     * ({@link Reason#QUEUE_FULL}), is rejected at once.
     *
     * <p>A request with a timestamp of its own is decided at that moment, and does not wait. One that names a
     * sub-bucket that is not there is rejected, as one that can never pass.
     *
     * @param maxDelay how long it may wait, whatever the policy says: 0 for not at all, up to
     *     {@link Behaviour#LONGEST_MAX_DELAY}
     * @return the decision; to cancel it, as a future, is to give up. What depends on it is run on one of a few
     *     threads, which must not be held up
     * @throws IllegalArgumentException if a number is out of its range, or numbers given with the call cannot be
     *     counted exactly
     * @throws UnknownPolicyException if the policy has been removed since; while it waits, the future completes with it
     */
    public CompletableFuture<Decision> acquireAsync(Acquisition request, Duration maxDelay) {
        return request.at() != null || maxDelay.isZero()
                ? CompletableFuture.completedFuture(tryAcquire(request))
                : weir.acquireAsync(request.client(), cost(request), maxDelay);
    }

    /** The policy as it is now. */
    public Policy policy() {
        return weir.policy(policy);
    }
}
