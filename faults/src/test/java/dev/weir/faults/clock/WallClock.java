package dev.weir.faults.clock;

/**
 * By how much the wall clock of this process is ahead of the machine's. The class loader of the JDK's own classes finds
 * it too: they are among those that {@link ClockAgent} makes call it.
 */
public final class WallClock {

    private static volatile long aheadMillis;

    private WallClock() {}

    /** Another class loader than that of its callers has this class, so it is public. */
    public static void set(long millis) {
        aheadMillis = millis;
    }

    /** What the process is to see instead of what {@link System#currentTimeMillis} has returned. */
    public static long millis(long machineMillis) {
        return machineMillis + aheadMillis;
    }

    /**
     * The same for nanoseconds since some second, from which the JDK makes an {@link java.time.Instant}.
     *
     * @param machineNanos -1 if that second is too far away
     */
    public static long nanos(long machineNanos) {
        return machineNanos == -1 ? -1 : machineNanos + aheadMillis * 1_000_000;
    }
}
