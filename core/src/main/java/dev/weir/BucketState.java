package dev.weir;

/**
 * What a {@link TokenBucket} keeps.
 *
 * @param tickMicros the length of a tick: 1, 1,000 or 1,000,000
 * @param rate units that drain per tick
 * @param unit units to a permit
 * @param used units that are missing from a full bucket
 * @param atMicros when {@code used} was right
 */
public record BucketState(long tickMicros, long rate, long unit, long used, long atMicros) implements State {

    @Override
    public long permitsUsed(long nowMicros) {
        return Exact.ceilDiv(drained(nowMicros).used, unit);
    }

    @Override
    public BucketState at(long otherMicros) {
        return new BucketState(tickMicros, rate, unit, used, otherMicros);
    }

    /** This state drained by its own rate up to {@code nowMicros}; only whole ticks count. */
    BucketState drained(long nowMicros) {
        if (nowMicros <= atMicros) {
            return this;
        }
        long ticks = (nowMicros - atMicros) / tickMicros;
        if (ticks >= Exact.ceilDiv(used, rate)) {
            return new BucketState(tickMicros, rate, unit, 0, nowMicros);
        }
        return new BucketState(tickMicros, rate, unit, used - ticks * rate, atMicros + ticks * tickMicros);
    }

    @Override
    public boolean continues(State earlier) {
        return earlier instanceof BucketState bucket
                && tickMicros == bucket.tickMicros
                && rate == bucket.rate
                && unit == bucket.unit
                && atMicros >= bucket.atMicros
                && used == bucket.drained(atMicros).used;
    }

    @Override
    public boolean isEmpty() {
        return used == 0;
    }
}
