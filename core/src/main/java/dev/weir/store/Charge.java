package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.State;
import org.jspecify.annotations.Nullable;

/**
 * One limit that a request takes permits from.
 *
 * @param policy under which name use is counted, together with the client: the policy's, or that of a part of it
 * @param limit the limit in force for the client. Where it shares a pool, one that equals the pool's is none: no client
 *     can take more than all clients together
 * @param cost the permits to take, from 1 to {@link Limit#EXACT}; 0 where an instance asks for a lease and no request
 *     waits, more than any limit has where the client may have nothing
 * @param share the part in a pool that the cost is also taken from, if the limit permits it: both are charged, or none
 *     is; null if the client shares nothing
 */
public record Charge(
        String policy, Limit limit, long cost, @Nullable Share share) {

    /** A charge on nothing but a limit of the client's. */
    public Charge(String policy, Limit limit, long cost) {
        this(policy, limit, cost, null);
    }

    /** For a store: the client's own limit beside a pool; null if it has none. */
    public @Nullable Limit besidePool() {
        return share == null || limit.equals(share.pool().limit()) ? null : limit;
    }

    /**
     * For a store: its decision on a share.
     *
     * @param reason {@link Reason#OK} if the cost was charged
     * @param ofOwn whether the client's own limit decided, and not the pool's
     * @param remaining permits that are left there; if both permit the request, the fewer
     */
    public Decision ofShare(
            Reason reason, boolean ofOwn, long remaining, long resetAfterMicros, long retryAfterMicros) {
        Limit decided = ofOwn || share == null ? limit : share.pool().limit();
        if (reason == Reason.OK) {
            return new Permitted(policy, decided, remaining, resetAfterMicros, reason);
        }
        long retryAfter = reason == Reason.COST_ABOVE_LIMIT ? Rejected.NEVER : retryAfterMicros;
        return new Rejected(policy, decided, remaining, resetAfterMicros, reason, retryAfter);
    }

    /**
     * What is left of this charge for each of some instances, which each decide by themselves. The pool is divided
     * elsewhere.
     */
    public Charge among(int instances) {
        return share != null && besidePool() == null
                ? this
                : new Charge(policy, limit.meter().share(instances), cost, share);
    }

    /**
     * The decision of a store on this charge, given the client's state after it.
     *
     * @param nowMicros the time that counts
     * @param askedMicros the time from which waits are counted
     */
    public Decision permitted(State charged, long nowMicros, long askedMicros) {
        return new Permitted(
                policy,
                limit,
                limit.meter().remaining(charged, nowMicros),
                resetAfterMicros(charged, nowMicros, askedMicros),
                Reason.OK);
    }

    /** How long until it would pass once more, given the client's state after it: 0 if it would at once. */
    long againAfterMicros(State charged, long nowMicros, long askedMicros) {
        long againAfter = limit.meter().retryAfterMicros(charged, nowMicros, Math.max(1, cost));
        return againAfter == 0 ? 0 : againAfter + nowMicros - askedMicros;
    }

    /** The decision if this charge or another of its request does not pass, given the client's state as it is. */
    public Decision refused(State advanced, long nowMicros, long askedMicros) {
        if (cost > limit.capacity()) {
            return rejected(advanced, nowMicros, askedMicros, Reason.COST_ABOVE_LIMIT, Rejected.NEVER);
        }
        if (cost > limit.meter().remaining(advanced, nowMicros)) {
            long retryAfter = limit.meter().retryAfterMicros(advanced, nowMicros, cost) + nowMicros - askedMicros;
            return rejected(advanced, nowMicros, askedMicros, Reason.LIMIT, retryAfter);
        }
        return permitted(advanced, nowMicros, askedMicros);
    }

    Decision rejected(State advanced, long nowMicros, long askedMicros, Reason reason, long retryAfterMicros) {
        return new Rejected(
                policy,
                limit,
                limit.meter().remaining(advanced, nowMicros),
                resetAfterMicros(advanced, nowMicros, askedMicros),
                reason,
                retryAfterMicros);
    }

    private long resetAfterMicros(State state, long nowMicros, long askedMicros) {
        long resetAfter = limit.meter().resetAfterMicros(state, nowMicros);
        return resetAfter == 0 ? 0 : resetAfter + nowMicros - askedMicros;
    }
}
