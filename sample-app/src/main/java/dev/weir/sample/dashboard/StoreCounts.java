package dev.weir.sample.dashboard;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Calls of the store, and when it went and came back. Thread-safe. */
final class StoreCounts {

    /**
     * How the store is.
     *
     * @param changedAt when it was last taken to be up or down, in epoch milliseconds: at first, the start
     * @param outages how often it was taken to be down
     * @param micros how long all calls took together
     */
    record View(boolean up, long changedAt, long outages, long answers, long failures, long micros) {}

    private final LongAdder answers = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private long changedAt = System.currentTimeMillis();
    private long outages;

    void answered(long tookNanos) {
        answers.increment();
        nanos.add(tookNanos);
    }

    void failed(long tookNanos) {
        failures.increment();
        nanos.add(tookNanos);
    }

    synchronized void changed(boolean up) {
        changedAt = System.currentTimeMillis();
        outages += up ? 0 : 1;
    }

    synchronized View view(boolean up) {
        return new View(
                up, changedAt, outages, answers.sum(), failures.sum(), TimeUnit.NANOSECONDS.toMicros(nanos.sum()));
    }
}
