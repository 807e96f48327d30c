package dev.weir;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fixed window: a count that starts again at 0 with each window; in each window, admitted &le; permits.
 *
 * <p>Windows are aligned to the epoch, so that every instance and every client agrees where they begin. Across the edge of two
 * windows up to twice the permits can pass within one period: where that hurts, take a {@link TokenBucket}.
 *
 * <pre>
 *   |x xxx    |  xx     |xxxx x  |      permits = 5: never more than 5 between two bars
 *   ws       ws+P      ws+2P
 * </pre>
 *
 * <p>Immutable. Equal when permits and period are.
 */
public final class FixedWindow implements Limit {

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
        long windowAt = nowMicros - Math.floorMod(nowMicros, periodMicros);
        if (state == null || state.used() == 0) {
            return state(0, windowAt);
        }
        boolean isLaterWindow = state.kind() == State.Kind.FIXED_WINDOW
                && state.unit() == periodMicros
                && state.atMicros() > nowMicros
                && state.atMicros() - nowMicros <= periodMicros;
        if (isLaterWindow) {
            return state; // The clock went back into an earlier window: the later one goes on.
        }
        return state(state.believed(nowMicros, periodMicros).permitsUsed(nowMicros), windowAt);
    }

    private State state(long used, long windowAtMicros) {
        return new State(State.Kind.FIXED_WINDOW, 1, 0, periodMicros, used, windowAtMicros);
    }

    @Override
    public long remaining(State advanced) {
        return Math.max(0, permits - advanced.used());
    }

    @Override
    public State charge(State advanced, long cost) {
        return state(advanced.used() + cost, advanced.atMicros());
    }

    @Override
    public long retryAfterMicros(State advanced, long nowMicros, long cost) {
        return cost <= remaining(advanced) ? 0 : untilNextWindow(advanced, nowMicros);
    }

    @Override
    public long resetAfterMicros(State advanced, long nowMicros) {
        return advanced.used() == 0 ? 0 : untilNextWindow(advanced, nowMicros);
    }

    private long untilNextWindow(State advanced, long nowMicros) {
        return advanced.atMicros() + periodMicros - nowMicros;
    }

    @Override
    public FixedWindow share(int instances) {
        return new FixedWindow(Exact.ceilDiv(permits, instances), periodMicros);
    }

    @Override
    public State leaving(long remaining, long nowMicros) {
        return state(permits - Math.min(remaining, permits), nowMicros - Math.floorMod(nowMicros, periodMicros));
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
