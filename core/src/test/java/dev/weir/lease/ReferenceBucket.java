package dev.weir.lease;

import dev.weir.limit.Exact;
import dev.weir.limit.TokenBucket;

/**
 * A token bucket that no request asks: it begins full, refills at the rate, and gives a permit for each that was really
 * admitted. It knows of no coarse ticks: it counts in units so small that the rate is one for each microsecond. Times
 * are the store's.
 */
public final class ReferenceBucket implements Reference {

    private final TokenBucket limit;
    private long left;
    private long leastLeft = Long.MAX_VALUE;
    private long atMicros;

    public ReferenceBucket(TokenBucket limit, long nowMicros) {
        this.limit = limit;
        this.left = units(limit.capacity());
        this.atMicros = nowMicros;
    }

    private long units(long permits) {
        return permits * limit.unit() * limit.tickMicros();
    }

    private void refill(long nowMicros) {
        left = Math.min(units(limit.capacity()), left + (nowMicros - atMicros) * limit.rate());
        atMicros = nowMicros;
    }

    /** Takes what was admitted, whether it is there or not. */
    @Override
    public void admit(long cost, long nowMicros) {
        refill(nowMicros);
        left -= units(cost);
        leastLeft = Math.min(leastLeft, left);
    }

    /** Takes the cost if it is there, as one exact limit would. */
    public boolean tryAdmit(long cost, long nowMicros) {
        refill(nowMicros);
        boolean isThere = left >= units(cost);
        if (isThere) {
            left -= units(cost);
        }
        return isThere;
    }

    /** In units. */
    @Override
    public long leastLeft() {
        return leastLeft;
    }

    /** By how many permits more was admitted than the limit permits in the busiest interval, rounded up. */
    public long above() {
        return leastLeft >= 0 ? 0 : Exact.ceilDiv(-leastLeft, units(1));
    }

    @Override
    public boolean isTight() {
        return leastLeft < units(1);
    }
}
