package dev.weir.dashboard;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Calls of the store, and when it went and came back. Thread-safe. */
final class StoreCounts {

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

    /**
     * How the store is: {@code changedAt} is when it was last taken to be up or down, in epoch milliseconds, and at
     * first the start; {@code outages} how often it was taken to be down; {@code micros} how long all calls took
     * together.
     */
    synchronized Map<String, Object> fields(boolean up) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("up", up);
        fields.put("changedAt", changedAt);
        fields.put("outages", outages);
        fields.put("answers", answers.sum());
        fields.put("failures", failures.sum());
        fields.put("micros", TimeUnit.NANOSECONDS.toMicros(nanos.sum()));
        return fields;
    }
}
