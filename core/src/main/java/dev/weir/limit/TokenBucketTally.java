package dev.weir.limit;

/**
 * What one client has used of a {@link TokenBucket}, changed in place: for a store that keeps it under a lock, and
 * decides without making an object.
 *
 * <p>It counts what nearly all buckets are: kept in the numbers of their limit, and with nothing leased. All else is a
 * {@link TokenBucketState}, and {@link TokenBucket#tally} says which is which. The steps are those of the state, on the
 * same numbers; {@code TokenBucketTallyTest} compares them. Not thread-safe.
 */
public final class TokenBucketTally implements Usage {

    private final TokenBucket limit;
    private long used;
    private long atMicros;

    TokenBucketTally(TokenBucket limit, long used, long atMicros) {
        this.limit = limit;
        this.used = used;
        this.atMicros = atMicros;
    }

    TokenBucket limit() {
        return limit;
    }

    long atMicros() {
        return atMicros;
    }

    /**
     * Takes {@code cost} permits if so many are left. If not, nothing changes: time that was counted here would be lost
     * to a clock that is set back.
     *
     * @param cost 1 or more
     * @param nowMicros the time for which {@link TokenBucket#tally} has returned this
     * @return whether they were taken
     */
    public boolean take(long cost, long nowMicros) {
        long left = used;
        long leftAtMicros = atMicros;
        if (used == 0 || nowMicros - atMicros >= drainMicros()) {
            left = 0;
            leftAtMicros = nowMicros;
        } else if (nowMicros > atMicros) {
            long ticks = (nowMicros - atMicros) / limit.tickMicros();
            left -= ticks * limit.rate();
            leftAtMicros += ticks * limit.tickMicros();
        }
        // In units: so much fits below the burst exactly if its permits, rounded up, do. The product is within the
        // burst.
        if (cost > limit.capacity() || left > (limit.capacity() - cost) * limit.unit()) {
            return false;
        }
        used = left + cost * limit.unit();
        atMicros = leftAtMicros;
        return true;
    }

    private long drainMicros() {
        return TokenBucketState.drainMicros(used, limit.tickMicros(), limit.rate());
    }

    @Override
    public TokenBucketState asState() {
        return new TokenBucketState(limit.tickMicros(), limit.rate(), limit.unit(), used, atMicros);
    }

    @Override
    public long permitsUsed(long nowMicros) {
        return asState().permitsUsed(nowMicros);
    }

    @Override
    public long emptyAtMicros() {
        return atMicros + drainMicros();
    }
}
