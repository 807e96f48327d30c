package dev.weir;

/**
 * What a {@link FixedWindow} keeps.
 *
 * @param periodMicros the window's length
 * @param used permits taken in the window
 * @param atMicros when the window began
 */
public record WindowState(long periodMicros, long used, long atMicros) implements State {

    @Override
    public long permitsUsed(long nowMicros) {
        return nowMicros < atMicros + periodMicros ? used : 0;
    }

    @Override
    public WindowState at(long otherMicros) {
        return new WindowState(periodMicros, used, otherMicros);
    }

    @Override
    public boolean continues(State earlier) {
        return earlier instanceof WindowState window
                && periodMicros == window.periodMicros
                && atMicros >= window.atMicros;
    }

    @Override
    public boolean isEmpty() {
        return used == 0;
    }
}
