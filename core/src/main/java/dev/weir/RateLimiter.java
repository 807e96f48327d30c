package dev.weir;

import dev.weir.lease.LeaseTable;
import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Reason;
import dev.weir.store.LimiterListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Decides requests under one policy. Look it up once with {@link Weir#limiter} and keep it: it follows every later
 * change of the policy. Thread-safe.
 *
 * <pre>{@code
 * RateLimiter search = weir.limiter("search");
 * if (search.tryAcquire("alice", 5) instanceof Decision.Rejected rejected) {
 *     System.out.println("again in " + rejected.retryAfter().orElseThrow());
 * }
 * }</pre>
 */
public final class RateLimiter {

    private final String policy;
    private final Policies policies;
    private final PolicyCost one;
    private final LeaseTable leases;
    private final Decider decider;
    private final DelayQueue waiting;
    private final LimiterListener listener;

    RateLimiter(
            String policy,
            Policies policies,
            LeaseTable leases,
            Decider decider,
            DelayQueue waiting,
            LimiterListener listener) {
        this.policy = policy;
        this.policies = policies;
        this.one = new PolicyCost(policy, 1);
        this.leases = leases;
        this.decider = decider;
        this.waiting = waiting;
        this.listener = listener;
    }

    /** Whether {@code client} may go on; takes one permit if so. */
    public boolean allow(String client) {
        return allow(client, 1);
    }

    /**
     * Whether {@code client} may go on with a request of {@code cost}; takes that many permits if so, none otherwise.
     */
    public boolean allow(String client, long cost) {
        return leases.spend(client, cost) || decider.allow(client, cost(cost), listener);
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
        return decider.decide(client, cost(cost), listener);
    }

    private PolicyCost cost(long cost) {
        return cost == 1 ? one : new PolicyCost(policy, cost);
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
        return decider.decide(request.client(), cost(request), request.at(), listener);
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
     *     threads, which must not be held up: one of them ends all waits that are over
     * @throws IllegalArgumentException if a number is out of its range, or numbers given with the call cannot be
     *     counted exactly
     * @throws UnknownPolicyException if the policy has been removed since. While it waits, the future completes with
     *     it, and so it does if numbers given with the call do not go with what is set for the client
     */
    public CompletableFuture<Decision> acquireAsync(Acquisition request, Duration maxDelay) {
        return request.at() != null || maxDelay.isZero()
                ? CompletableFuture.completedFuture(tryAcquire(request))
                : acquireAsync(request.client(), cost(request), maxDelay);
    }

    /** The policy as it is now. */
    public Policy policy() {
        return policies.get(policy);
    }

    private CompletableFuture<Decision> acquireAsync(String client, PolicyCost cost, Duration maxDelay) {
        Names.requireId("a client id", client);
        Behaviour.requireUpTo("max-delay", maxDelay, Behaviour.LONGEST_MAX_DELAY);
        List<PolicyCost> costs = List.of(cost);
        CompletableFuture<Decisions> turn =
                waiting.acquire(new QueuedRequest(decider, listener, client, costs, List.of(), costs, maxDelay));
        CompletableFuture<Decision> decision = turn.thenApply(all -> all.each().get(0));
        decision.whenComplete((decided, failure) -> turn.cancel(false)); // Of use only if its caller has cancelled it.
        return decision;
    }
}
