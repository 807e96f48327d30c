package dev.weir.faults;

import java.time.Duration;

/**
 * How much of the time the machine did not let this process run, whatever the instances do: a thread sleeps for a
 * millisecond again and again, and adds up by how much it wakes late.
 */
final class Stalls {

    /** Less than that is how a timer is, and not counted. */
    private static final long LEAST_NANOS = 5_000_000;

    private static final double QUIET = 0.02;
    private static final long MILLI_NANOS = 1_000_000;

    private final Thread thread = new Thread(this::watch, "stalls");
    private final long startNanos = System.nanoTime();
    private volatile long lateNanos;

    private Stalls() {}

    static Stalls start() {
        Stalls stalls = new Stalls();
        stalls.thread.setDaemon(true);
        stalls.thread.start();
        return stalls;
    }

    private void watch() {
        try {
            while (true) {
                long dueNanos = System.nanoTime() + MILLI_NANOS;
                Thread.sleep(1); // What is measured is by how much it takes longer.
                long late = System.nanoTime() - dueNanos;
                if (late >= LEAST_NANOS) {
                    lateNanos += late;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the machine has let this process run for a second; for no longer than given. */
    static void awaitQuiet(Duration atMost) throws InterruptedException {
        long startNanos = System.nanoTime();
        double stalled = 1;
        while (stalled > QUIET && System.nanoTime() - startNanos < atMost.toNanos()) {
            Stalls look = start();
            Thread.sleep(1_000); // The time that is looked at.
            stalled = look.stop();
        }
    }

    /** Ends it, and returns which part of the time since its start was lost, from 0 to 1. */
    double stop() throws InterruptedException {
        thread.interrupt();
        thread.join();
        return (double) lateNanos / (System.nanoTime() - startNanos);
    }
}
