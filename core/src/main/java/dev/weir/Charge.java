package dev.weir;

/**
 * One limit that a request takes permits from.
 *
 * @param policy under which name use is counted, together with the client: the policy's, or that of a part of it
 * @param limit the limit in force for the client
 * @param cost the permits to take, from 1 to {@link Limit#EXACT}
 */
public record Charge(String policy, Limit limit, long cost) {

    /** The decision of a store on this charge, given the client's state after it (or, if refused, as it was). */
    Decision permitted(State charged, long nowMicros) {
        return new Decision.Permitted(
                policy,
                limit,
                limit.remaining(charged, nowMicros),
                limit.resetAfterMicros(charged, nowMicros),
                Reason.OK);
    }

    Decision refused(State advanced, long nowMicros) {
        long remaining = limit.remaining(advanced, nowMicros);
        long resetAfter = limit.resetAfterMicros(advanced, nowMicros);
        if (cost > limit.capacity()) {
            return new Decision.Rejected(
                    policy, limit, remaining, resetAfter, Reason.COST_ABOVE_LIMIT, Decision.Rejected.NEVER);
        }
        if (cost > remaining) {
            long retryAfter = limit.retryAfterMicros(advanced, nowMicros, cost);
            return new Decision.Rejected(policy, limit, remaining, resetAfter, Reason.LIMIT, retryAfter);
        }
        return new Decision.Permitted(policy, limit, remaining, resetAfter, Reason.OK);
    }
}
