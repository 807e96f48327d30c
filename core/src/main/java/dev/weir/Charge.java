package dev.weir;

import dev.weir.Decision.Permitted;
import dev.weir.Decision.Rejected;

/**
 * One limit that a request takes permits from.
 *
 * @param policy under which name use is counted, together with the client: the policy's, or that of a part of it
 * @param limit the limit in force for the client
 * @param cost the permits to take, from 1 to {@link Limit#EXACT}
 */
public record Charge(String policy, Limit limit, long cost) {

    /**
     * The decision of a store on this charge, given the client's state after it.
     *
     * @param nowMicros the time that counts
     * @param askedMicros the time from which waits are told
     */
    Decision permitted(State charged, long nowMicros, long askedMicros) {
        return new Permitted(
                policy,
                limit,
                limit.remaining(charged, nowMicros),
                resetAfterMicros(charged, nowMicros, askedMicros),
                Reason.OK);
    }

    /** How long until it would pass once more, given the client's state after it: 0 if it would at once. */
    long againAfterMicros(State charged, long nowMicros, long askedMicros) {
        long againAfter = limit.retryAfterMicros(charged, nowMicros, Math.max(1, cost));
        return againAfter == 0 ? 0 : againAfter + nowMicros - askedMicros;
    }

    /** The decision if this charge or another of its request does not pass, given the client's state as it is. */
    Decision refused(State advanced, long nowMicros, long askedMicros) {
        if (cost > limit.capacity()) {
            return rejected(advanced, nowMicros, askedMicros, Reason.COST_ABOVE_LIMIT, Rejected.NEVER);
        }
        if (cost > limit.remaining(advanced, nowMicros)) {
            long retryAfter = limit.retryAfterMicros(advanced, nowMicros, cost) + nowMicros - askedMicros;
            return rejected(advanced, nowMicros, askedMicros, Reason.LIMIT, retryAfter);
        }
        return permitted(advanced, nowMicros, askedMicros);
    }

    Decision rejected(State advanced, long nowMicros, long askedMicros, Reason reason, long retryAfterMicros) {
        return new Rejected(
                policy,
                limit,
                limit.remaining(advanced, nowMicros),
                resetAfterMicros(advanced, nowMicros, askedMicros),
                reason,
                retryAfterMicros);
    }

    private long resetAfterMicros(State state, long nowMicros, long askedMicros) {
        long resetAfter = limit.resetAfterMicros(state, nowMicros);
        return resetAfter == 0 ? 0 : resetAfter + nowMicros - askedMicros;
    }
}
