package dev.weir.fair;

import dev.weir.limit.Reason;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;

/**
 * A request, judged by a pool as it is at one moment.
 *
 * @param advanced the pool's meter
 * @param queued what the client has queued, without what is forgiven
 * @param reason why it is permitted or not
 * @param retryAfterMicros how long until it is worth asking again
 * @param remaining the permits that the client could take now
 */
public record FairEvaluation(
        TokenBucket limit,
        State.Bucket advanced,
        FairStanding standing,
        double queued,
        long cost,
        long nowMicros,
        Reason reason,
        long retryAfterMicros,
        long remaining) {

    FairEvaluation refused(Reason why, long afterMicros) {
        return new FairEvaluation(limit, advanced, standing, queued, cost, nowMicros, why, afterMicros, remaining);
    }

    public boolean permits() {
        return reason == Reason.OK;
    }

    public State.Bucket charged() {
        return cost == 0 ? advanced : (State.Bucket) limit.charge(advanced, nowMicros, cost);
    }

    /** The permits that the client can take after this request, if it is charged. */
    public long remainingAfter() {
        return Math.max(0, remaining - cost);
    }

    /** How long until the pool is empty, given its meter. */
    public long resetAfterMicros(State meter) {
        return limit.resetAfterMicros(meter, nowMicros);
    }
}
