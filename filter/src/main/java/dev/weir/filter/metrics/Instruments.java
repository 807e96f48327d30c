package dev.weir.filter.metrics;

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

    /** How long something took. */
    interface Timer {

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
