package dev.weir;

/**
 * What one client has used of one limit, as whole numbers, together with the unit they are counted in: so that it can still
 * be read when the limit has other numbers by then.
 *
 * @param kind the algorithm that wrote it
 * @param tickMicros the length of a tick: 1, 1,000 or 1,000,000
 * @param rate token bucket: units that drain per tick; fixed window: 0
 * @param unit token bucket: units to a permit; fixed window: the window's length in microseconds
 * @param used token bucket: units that are missing from a full bucket; fixed window: permits taken in the window
 * @param atMicros token bucket: when {@code used} was right; fixed window: when the window began
 */
public record State(Kind kind, long tickMicros, long rate, long unit, long used, long atMicros) {

    /** The algorithms, in the order of the codes under which stores keep them (the first is 1). */
    public enum Kind {
        TOKEN_BUCKET,
        FIXED_WINDOW
    }

    /** The permits in use at {@code nowMicros} by this state's own numbers, rounded up. */
    long permitsUsed(long nowMicros) {
        return switch (kind) {
            case TOKEN_BUCKET -> Exact.ceilDiv(drained(nowMicros).used, unit);
            case FIXED_WINDOW -> nowMicros < atMicros + unit ? used : 0;
        };
    }

    /** A token bucket's state, drained by its own rate up to {@code nowMicros}; only whole ticks count. */
    State drained(long nowMicros) {
        if (nowMicros <= atMicros) {
            return this;
        }
        long ticks = (nowMicros - atMicros) / tickMicros;
        if (ticks >= Exact.ceilDiv(used, rate)) {
            return new State(kind, tickMicros, rate, unit, 0, nowMicros);
        }
        return new State(kind, tickMicros, rate, unit, used - ticks * rate, atMicros + ticks * tickMicros);
    }

    /** This state as seen by a clock that shows {@code nowMicros}: not further ahead of it than {@code believedMicros}. */
    State believed(long nowMicros, long believedMicros) {
        return atMicros - nowMicros <= believedMicros ? this : new State(kind, tickMicros, rate, unit, used, nowMicros);
    }

    /**
     * Whether time alone makes this of {@code earlier}. If not, it has been converted, clipped or taken back to a clock that
     * was set back, and must be stored even if nothing is charged.
     */
    boolean continues(State earlier) {
        return kind == earlier.kind
                && tickMicros == earlier.tickMicros
                && rate == earlier.rate
                && unit == earlier.unit
                && atMicros >= earlier.atMicros
                && (kind == Kind.FIXED_WINDOW || used == earlier.drained(atMicros).used);
    }
}
