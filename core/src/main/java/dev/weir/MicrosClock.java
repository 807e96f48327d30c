package dev.weir;

/** Microseconds since the epoch. */
@FunctionalInterface
interface MicrosClock {

    long nowMicros();

    /**
     * The wall clock at this moment, carried on by the monotonic one: it never jumps, and drifts from the wall clock by what
     * that is corrected. Not shared between processes.
     */
    static MicrosClock steady() {
        long originNanos = System.nanoTime();
        long originMicros = System.currentTimeMillis() * 1_000;
        return () -> originMicros + (System.nanoTime() - originNanos) / 1_000;
    }
}
