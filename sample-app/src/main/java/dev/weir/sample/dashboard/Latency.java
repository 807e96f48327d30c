package dev.weir.sample.dashboard;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** How long decisions took within the last second or so: one histogram for all who look. Thread-safe. */
final class Latency {

    /**
     * Quantiles in microseconds.
     *
     * @param count of how many decisions; without any, the rest is 0
     */
    record Quantiles(long count, double p50Micros, double p99Micros, double maxMicros) {

        Map<String, Object> fields() {
            return Map.of("count", count, "p50Micros", p50Micros, "p99Micros", p99Micros, "maxMicros", maxMicros);
        }
    }

    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(900);
    private static final int DIGITS = 2;

    private final Recorder recorder = new Recorder(LONGEST_NANOS, DIGITS);
    private Quantiles latest = new Quantiles(0, 0, 0, 0);
    private long readAtNanos = System.nanoTime();

    void record(long nanos) {
        recorder.recordValue(Math.max(0, Math.min(nanos, LONGEST_NANOS)));
    }

    /** Of the last interval of 0.9 s or more; readers that follow each other sooner see the same. */
    synchronized Quantiles quantiles() {
        long now = System.nanoTime();
        if (now - readAtNanos >= INTERVAL_NANOS) {
            readAtNanos = now;
            Histogram interval = recorder.getIntervalHistogram();
            latest = new Quantiles(
                    interval.getTotalCount(),
                    micros(interval.getValueAtPercentile(50)),
                    micros(interval.getValueAtPercentile(99)),
                    micros(interval.getMaxValue()));
        }
        return latest;
    }

    private static double micros(long nanos) {
        return Math.round(nanos / 10.0) / 100.0;
    }
}
