package dev.weir;

/**
 * What a {@link SlidingWindow} keeps.
 *
 * @param tickMicros the length of a tick: 1, 1,000 or 1,000,000
 * @param periodTicks the window's length in ticks
 * @param current permits taken in the window
 * @param previous permits taken in the window before
 * @param atMicros when the window began
 */
public record SlidingState(long tickMicros, long periodTicks, long current, long previous, long atMicros)
        implements State {

    long periodMicros() {
        return periodTicks * tickMicros;
    }

    @Override
    public long permitsUsed(long nowMicros) {
        SlidingState moved = moved(atMicros + Math.max(0, nowMicros - atMicros) / periodMicros() * periodMicros());
        return moved.current + moved.weighted(nowMicros);
    }

    @Override
    public SlidingState at(long otherMicros) {
        return new SlidingState(tickMicros, periodTicks, current, previous, otherMicros);
    }

    /** This state as of the window that begins at {@code windowAtMicros}, which is no earlier one. */
    SlidingState moved(long windowAtMicros) {
        long windows = (windowAtMicros - atMicros) / periodMicros();
        if (windows == 0) {
            return this;
        }
        return new SlidingState(tickMicros, periodTicks, 0, windows == 1 ? current : 0, windowAtMicros);
    }

    /** The window before, by the part of it that a period looking back from {@code nowMicros} still covers; rounded up. */
    long weighted(long nowMicros) {
        return Exact.ceilDiv(previous * (periodTicks - elapsedTicks(nowMicros)), periodTicks);
    }

    /** Whole ticks since the window began; none if the clock has gone back to before. */
    long elapsedTicks(long nowMicros) {
        return Math.max(0, nowMicros - atMicros) / tickMicros;
    }

    @Override
    public boolean continues(State earlier) {
        return earlier instanceof SlidingState sliding
                && tickMicros == sliding.tickMicros
                && periodTicks == sliding.periodTicks
                && atMicros >= sliding.atMicros;
    }

    @Override
    public boolean isEmpty() {
        return current == 0 && previous == 0;
    }
}
