package dev.weir.limit;

/**
 * What a {@link FixedWindow} keeps.
 *
 * @param periodMicros the window's length
 * @param used permits taken in the window
 * @param atMicros when the window began
 */
public record FixedWindowState(long periodMicros, long used, long atMicros) implements State {

    @Override
    public long permitsUsed(long nowMicros) {
        return nowMicros < atMicros + periodMicros ? used : 0;
    }

    @Override
    public long fitsAfterMicros(long permits, long nowMicros) {
        return used <= permits ? 0 : Math.max(0, atMicros + periodMicros - nowMicros);
    }

    @Override
    public FixedWindowState drained(long nowMicros) {
        return nowMicros < atMicros + periodMicros
                ? this
                : new FixedWindowState(periodMicros, 0, Exact.windowAt(nowMicros, periodMicros));
    }

    @Override
    public FixedWindowState owing(long permits) {
        return new FixedWindowState(periodMicros, used + Math.min(permits, Limit.EXACT - used), atMicros);
    }

    /** Windows stay aligned to the epoch. */
    @Override
    public FixedWindowState at(long nowMicros) {
        return new FixedWindowState(periodMicros, used, Exact.windowAt(nowMicros, periodMicros));
    }

    @Override
    public long emptyAtMicros() {
        return used == 0 ? atMicros : atMicros + periodMicros;
    }

    @Override
    public boolean isEmpty() {
        return used == 0;
    }
}
