package dev.weir.filter.metrics;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a metrics library must be able to do. What is counted, and when, is not its business: {@link CountingMetrics}
 * says that for all of them. Thread-safe.
 */
interface Instruments {

    /** A series that only grows. */
    interface Counter {

        /** Called for every decision: allocates nothing. */
        void add(long amount);
    }

    /**
     * How long something took. Where a library lets buckets be chosen, they are from 10 microseconds, for a decision
     * from memory, to a second, in which a call of the store has long been given up.
     */
    interface Timer {

        /** In ascending order. */
        List<Duration> BUCKETS = List.of(
                Duration.ofNanos(10_000),
                Duration.ofNanos(50_000),
                Duration.ofNanos(100_000),
                Duration.ofNanos(250_000),
                Duration.ofNanos(500_000),
                Duration.ofMillis(1),
                Duration.ofNanos(2_500_000),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(250),
                Duration.ofSeconds(1));

        void record(long nanos);
    }

    /** The counter of a series, at 0 if it is new. */
    Counter counter(Series series);

    Timer timer(Series series);

    /** Shows a value until it is removed, or until the end. */
    void gauge(Series series, Supplier<? extends Number> value);

    void removeGauge(Series series);

    /** Called now and then: shows gauges again that another application has taken away. */
    default void refresh() {}

    /**
     * Removes the gauges, which refer to the limiter; counters stay, and go on if the application starts again.
     */
    void removeGauges();
}
