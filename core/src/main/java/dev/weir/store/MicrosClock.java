package dev.weir.store;

/** Microseconds since the epoch. */
@FunctionalInterface
public interface MicrosClock {

    long nowMicros();

    /**
     * How far the wall clock is ahead of this one, which may have left it; 0 if this is the clock that callers know.
     */
    default long wallAheadMicros() {
        return 0;
    }

    /** The wall clock at this moment, carried on by the monotonic one. Not shared between processes. */
    static MicrosClock steady() {
        return SteadyClock.ofSystem();
    }
}
