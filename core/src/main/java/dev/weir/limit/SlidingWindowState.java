package dev.weir.limit;

/**
 * What a {@link SlidingWindow} keeps.
 *
 * @param tickMicros the length of a tick: 1, 1,000 or 1,000,000
 * @param periodTicks the window's length in ticks
 * @param current permits taken in the window
 * @param previous permits taken in the window before
 * @param atMicros when the window began
 */
public record SlidingWindowState(long tickMicros, long periodTicks, long current, long previous, long atMicros)
        implements State {

    long periodMicros() {
        return periodTicks * tickMicros;
    }

    @Override
    public long permitsUsed(long nowMicros) {
        SlidingWindowState drained = drained(nowMicros);
        return drained.current + drained.weighted(nowMicros);
    }

    @Override
    public long fitsAfterMicros(long permits, long nowMicros) {
        if (permitsUsed(nowMicros) <= permits) {
            return 0;
        }
        SlidingWindowState drained = drained(nowMicros);
        long free = permits - drained.current;
        long waitTicks =
                free >= 0 ? untilCovers(free, drained.previous) : periodTicks + untilCovers(permits, drained.current);
        return drained.atMicros + waitTicks * tickMicros - nowMicros;
    }

    /** Ticks into a window until the part of {@code before} that still counts is at most {@code free}. */
    private long untilCovers(long free, long before) {
        return before <= free ? 0 : periodTicks - free * periodTicks / before;
    }

    @Override
    public SlidingWindowState drained(long nowMicros) {
        return moved(atMicros + Math.max(0, nowMicros - atMicros) / periodMicros() * periodMicros());
    }

    @Override
    public SlidingWindowState owing(long permits) {
        long room = Math.max(0, Limit.EXACT / periodTicks - current);
        return new SlidingWindowState(tickMicros, periodTicks, current + Math.min(permits, room), previous, atMicros);
    }

    /**
     * Windows stay aligned to the epoch. All that was in use counts in the window of {@code nowMicros}: in which of
     * the two it was taken cannot be known any more.
     */
    @Override
    public SlidingWindowState at(long nowMicros) {
        long used = Math.min(current + previous, Limit.EXACT / periodTicks);
        return new SlidingWindowState(tickMicros, periodTicks, used, 0, Exact.windowAt(nowMicros, periodMicros()));
    }

    /** This state as of the window that begins at {@code windowAtMicros}, which is no earlier one. */
    SlidingWindowState moved(long windowAtMicros) {
        long windows = (windowAtMicros - atMicros) / periodMicros();
        if (windows == 0) {
            return this;
        }
        return new SlidingWindowState(tickMicros, periodTicks, 0, windows == 1 ? current : 0, windowAtMicros);
    }

    /**
     * The window before, by the part of it that a period looking back from {@code nowMicros} still covers; rounded
     * up.
     */
    long weighted(long nowMicros) {
        return Exact.ceilDiv(previous * (periodTicks - elapsedTicks(nowMicros)), periodTicks);
    }

    /** Whole ticks since the window began; none if the clock has gone back to before. */
    long elapsedTicks(long nowMicros) {
        return Math.max(0, nowMicros - atMicros) / tickMicros;
    }

    @Override
    public long emptyAtMicros() {
        return current > 0 ? atMicros + 2 * periodMicros() : previous > 0 ? atMicros + periodMicros() : atMicros;
    }

    @Override
    public boolean isEmpty() {
        return current == 0 && previous == 0;
    }
}
