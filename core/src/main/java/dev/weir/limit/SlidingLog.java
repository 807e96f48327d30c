package dev.weir.limit;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sliding log: in every interval of a period, admitted &le; permits, exactly.
 *
 * <p>It remembers when each permitted request was made, and how much it took, until that is a period ago. So its memory
 * is not constant but up to one entry for each permit; that is why there is a largest limit. Refused requests are not
 * remembered.
 *
 * <p>Immutable. Equal when permits and period are.
 */
public final class SlidingLog implements Meter {

    /** The most permits of a sliding log: 10,000, each of which may take an entry. */
    public static final long MAX_PERMITS = 10_000;

    private final long permits;
    private final long periodMicros;

    private SlidingLog(long permits, long periodMicros) {
        this.permits = permits;
        this.periodMicros = periodMicros;
    }

    static SlidingLog of(long permits, Duration period) {
        if (permits < 1 || permits > MAX_PERMITS) {
            throw new IllegalArgumentException(
                    ("permits of a sliding log must be a whole number from 1 to %d, but is %d; "
                                    + "it remembers each request: for more take a token-bucket or a sliding-window")
                            .formatted(MAX_PERMITS, permits));
        }
        return new SlidingLog(permits, Exact.periodMicros(period));
    }

    @Override
    public Algorithm algorithm() {
        return Algorithm.SLIDING_LOG;
    }

    @Override
    public long permits() {
        return permits;
    }

    @Override
    public Duration period() {
        return Exact.duration(periodMicros);
    }

    /** The permits of a period. */
    @Override
    public long capacity() {
        return permits;
    }

    /** For a store's script: the period in microseconds. */
    public long periodMicros() {
        return periodMicros;
    }

    /**
     * {@inheritDoc}
     *
     * <p>The entries of a log with a longer period that fit this limit count for this limit's period: where a period is
     * shortened, no request has to wait as long as before.
     */
    @Override
    public State advance(@Nullable State state, long nowMicros) {
        if (state == null || state.isEmpty()) {
            return new SlidingLogState(periodMicros, List.of(), nowMicros);
        }
        State believed = state.believed(nowMicros, periodMicros);
        if (believed instanceof SlidingLogState log && periodMicros < log.periodMicros() && log.used() <= permits) {
            return own(log, nowMicros).drained(nowMicros);
        }
        return believed.drained(nowMicros);
    }

    @Override
    public State charge(State advanced, long nowMicros, long cost) {
        return own(advanced, nowMicros).plus(cost);
    }

    /** The entries of another log keep their times; use that was counted otherwise is one entry of now. */
    private SlidingLogState own(State advanced, long nowMicros) {
        if (advanced instanceof SlidingLogState log) {
            return new SlidingLogState(periodMicros, log.entries(), Math.max(nowMicros, log.atMicros()));
        }
        SlidingLogState empty = new SlidingLogState(periodMicros, List.of(), nowMicros);
        long used = advanced.permitsUsed(nowMicros);
        return used == 0 ? empty : empty.plus(used);
    }

    @Override
    public SlidingLog share(int instances) {
        return new SlidingLog(Exact.ceilDiv(permits, instances), periodMicros);
    }

    @Override
    public State leaving(long remaining, long nowMicros) {
        SlidingLogState empty = new SlidingLogState(periodMicros, List.of(), nowMicros);
        return remaining >= permits ? empty : empty.plus(permits - remaining);
    }

    /** From the entry of the moment of the charge. */
    @Override
    public State without(State stored, long cost, long chargedAtMicros, long nowMicros) {
        return stored instanceof SlidingLogState log && log.periodMicros() == periodMicros
                ? log.without(chargedAtMicros, cost)
                : stored;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SlidingLog that && permits == that.permits && periodMicros == that.periodMicros;
    }

    @Override
    public int hashCode() {
        return Objects.hash(permits, periodMicros);
    }

    /** For instance {@code sliding-log 100 per PT1S}. */
    @Override
    public String toString() {
        return "%s %d per %s".formatted(algorithm(), permits, period());
    }
}
