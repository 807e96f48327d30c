package dev.weir.limit;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fixed window: a count that starts again at 0 with each window; in each window, admitted &le; permits.
 *
 * <p>Windows are aligned to the epoch, so that every instance and every client agrees where they begin. Across the edge
 * of two windows up to twice the permits can pass within one period: where that hurts, take a {@link TokenBucket}.
 *
 * <pre>
 *   |x xxx    |  xx     |xxxx x  |      permits = 5: never more than 5 between two bars
 *   ws       ws+P      ws+2P
 * </pre>
 *
 * <p>Immutable. Equal when permits and period are.
 */
public final class FixedWindow implements Meter {

    private final long permits;
    private final long periodMicros;

    private FixedWindow(long permits, long periodMicros) {
        this.permits = permits;
        this.periodMicros = periodMicros;
    }

    static FixedWindow of(long permits, Duration period) {
        return new FixedWindow(Exact.permits("permits", permits), Exact.periodMicros(period));
    }

    @Override
    public Algorithm algorithm() {
        return Algorithm.FIXED_WINDOW;
    }

    @Override
    public long permits() {
        return permits;
    }

    @Override
    public Duration period() {
        return Exact.duration(periodMicros);
    }

    /** The permits of a whole window. */
    @Override
    public long capacity() {
        return permits;
    }

    /** For a store's script: the window's length in microseconds. */
    public long periodMicros() {
        return periodMicros;
    }

    @Override
    public State advance(@Nullable State state, long nowMicros) {
        if (state == null || state.isEmpty()) {
            return state(0, windowAt(nowMicros));
        }
        // If the clock went back into an earlier window, the later one goes on.
        return state.believed(nowMicros, periodMicros).drained(nowMicros);
    }

    private FixedWindowState state(long used, long windowAtMicros) {
        return new FixedWindowState(periodMicros, used, windowAtMicros);
    }

    /** Use counted in other windows counts in this one. */
    @Override
    public State charge(State advanced, long nowMicros, long cost) {
        return advanced instanceof FixedWindowState window && window.periodMicros() == periodMicros
                ? state(window.used() + cost, window.atMicros())
                : state(advanced.permitsUsed(nowMicros) + cost, windowAt(nowMicros));
    }

    @Override
    public FixedWindow share(int instances) {
        return new FixedWindow(Exact.ceilDiv(permits, instances), periodMicros);
    }

    @Override
    public State leaving(long remaining, long nowMicros) {
        return state(permits - Math.min(remaining, permits), windowAt(nowMicros));
    }

    /** Only in the window of the charge. */
    @Override
    public State without(State stored, long cost, long chargedAtMicros, long nowMicros) {
        boolean isSameWindow = stored instanceof FixedWindowState window
                && window.periodMicros() == periodMicros
                && window.atMicros() == windowAt(chargedAtMicros)
                && window.atMicros() == windowAt(nowMicros);
        return isSameWindow ? state(Math.max(0, ((FixedWindowState) stored).used() - cost), stored.atMicros()) : stored;
    }

    private long windowAt(long nowMicros) {
        return Exact.windowAt(nowMicros, periodMicros);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FixedWindow that && permits == that.permits && periodMicros == that.periodMicros;
    }

    @Override
    public int hashCode() {
        return Objects.hash(permits, periodMicros);
    }

    /** For instance {@code fixed-window 100 per PT1S}. */
    @Override
    public String toString() {
        return "fixed-window %d per %s".formatted(permits, period());
    }
}
