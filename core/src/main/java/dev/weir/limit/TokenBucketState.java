package dev.weir.limit;

/**
 * What a {@link TokenBucket} keeps.
 *
 * @param tickMicros the length of a tick: 1, 1,000 or 1,000,000
 * @param rate units that drain per tick
 * @param unit units to a permit
 * @param used units that are missing from a full bucket
 * @param atMicros when {@code used} was right
 * @param held what of it is leased, and may not drain before it is spent or the lease has ended
 */
public record TokenBucketState(long tickMicros, long rate, long unit, long used, long atMicros, OutstandingLeases held)
        implements State {

    public TokenBucketState {
        held = held.isNothing() ? OutstandingLeases.NONE : held;
    }

    /** With nothing leased. */
    public TokenBucketState(long tickMicros, long rate, long unit, long used, long atMicros) {
        this(tickMicros, rate, unit, used, atMicros, OutstandingLeases.NONE);
    }

    @Override
    public long permitsUsed(long nowMicros) {
        return Exact.ceilDiv(nowMicros <= atMicros ? used : drained(nowMicros).used, unit);
    }

    @Override
    public long fitsAfterMicros(long permits, long nowMicros) {
        // Compared in permits: of other numbers, so many units might not be counted exactly.
        if (Exact.ceilDiv(used, unit) <= permits) {
            return 0;
        }
        return Math.max(0, drainsAfterMicros(permits * unit) - (nowMicros - atMicros));
    }

    @Override
    public TokenBucketState at(long nowMicros) {
        return new TokenBucketState(tickMicros, rate, unit, used, nowMicros, held.later(nowMicros - atMicros));
    }

    /** This state with more or less in use. */
    public TokenBucketState using(long otherUsed, OutstandingLeases otherHeld) {
        return new TokenBucketState(tickMicros, rate, unit, otherUsed, atMicros, otherHeld);
    }

    @Override
    public TokenBucketState owing(long permits) {
        long room = Math.max(0, mostUnits(tickMicros, rate) - used) / unit;
        return using(used + Math.min(permits, room) * unit, held);
    }

    /**
     * The most units that can be missing. Neither they nor the microseconds in which they drain may be more than can be
     * counted, nor any product by which the last tick is divided: a thousand times what is below the rate, or a tick
     * times what can be missing.
     */
    static long mostUnits(long tickMicros, long rate) {
        boolean partsFit = tickMicros == 1 || Exact.fits(rate, Exact.TICK_STEP);
        return Limit.EXACT / tickMicros * (partsFit ? Math.min(rate, tickMicros) : 1);
    }

    /** In whole ticks but for the one in which it gets empty. */
    @Override
    public TokenBucketState drained(long nowMicros) {
        // Epoch by epoch: in one step, what is held until the first one's end would refill behind its back.
        TokenBucketState drained = this;
        while (drained.held.permits() > 0 && drained.held.epochEndMicros() <= nowMicros) {
            OutstandingLeases before = drained.held;
            drained = drained.drainedWithin(before.epochEndMicros());
            drained = drained.using(drained.used, before.nextEpoch());
        }
        return drained.drainedWithin(nowMicros).reopened(nowMicros);
    }

    /** Drained up to a time that is not after the end of the epoch. */
    private TokenBucketState drainedWithin(long nowMicros) {
        if (nowMicros <= atMicros) {
            return this;
        }
        long drains = drains();
        if (nowMicros - atMicros >= drainMicros(drains)) {
            return new TokenBucketState(tickMicros, rate, unit, used - drains, nowMicros, held);
        }
        long ticks = (nowMicros - atMicros) / tickMicros;
        return new TokenBucketState(tickMicros, rate, unit, used - ticks * rate, atMicros + ticks * tickMicros, held);
    }

    /** The units that may drain before a lease is given back or ends. */
    private long drains() {
        if (held.permits() == 0) {
            return used; // Of nearly all buckets nothing is leased: they are spared the division.
        }
        return used / unit < held.permits() ? 0 : used - held.permits() * unit;
    }

    private long drainMicros(long units) {
        return drainMicros(units, tickMicros, rate);
    }

    /** In how much time so many units drain, by a part of a tick at last, rounded up to a microsecond. */
    static long drainMicros(long units, long tickMicros, long rate) {
        long micros = units / rate;
        long rest = units % rate;
        // Digit by digit in base 1,000: a tick is a power of it, and the whole product could not be counted.
        for (long left = tickMicros; left > 1; left /= Exact.TICK_STEP) {
            micros = micros * Exact.TICK_STEP + rest * Exact.TICK_STEP / rate;
            rest = rest * Exact.TICK_STEP % rate;
        }
        return rest == 0 ? micros : micros + 1;
    }

    private TokenBucketState reopened(long nowMicros) {
        return held != OutstandingLeases.NONE && held.isOver(nowMicros) ? using(used, OutstandingLeases.NONE) : this;
    }

    /**
     * How long after {@link #atMicros} no more than {@code units} are in use if nothing is taken before, at most
     * {@link Limit#EXACT}.
     */
    long drainsAfterMicros(long units) {
        if (used <= units) {
            return 0;
        }
        long unheld = Math.min(Exact.ceilDiv(used - units, rate) * tickMicros, drainMicros(drains()));
        long epochAfter = held.epochEndMicros() - atMicros;
        if (held.permits() == 0 || held.permits() <= units / unit && unheld <= epochAfter) {
            return unheld;
        }
        TokenBucketState next = drained(held.epochEndMicros());
        return next.used <= units
                ? epochAfter
                : Math.min(Limit.EXACT, next.atMicros - atMicros + next.drainsAfterMicros(units));
    }

    /** What is leased is in use: with at least that much in use, as far as it can be counted. */
    public TokenBucketState usingHeld(long otherUsed, OutstandingLeases otherHeld) {
        return using(Math.max(otherUsed, Math.min(otherHeld.permits(), Limit.EXACT / unit) * unit), otherHeld);
    }

    @Override
    public long emptyAtMicros() {
        return Math.max(atMicros + drainsAfterMicros(0), held.closedUntilMicros());
    }

    @Override
    public boolean isEmpty() {
        return used == 0 && held.isNothing();
    }
}
