package dev.weir.fair;

import dev.weir.limit.Reason;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;

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
        TokenBucketState advanced,
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

    public TokenBucketState charged() {
        return cost == 0 ? advanced : (TokenBucketState) limit.charge(advanced, nowMicros, cost);
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
