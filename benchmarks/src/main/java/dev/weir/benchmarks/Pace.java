package dev.weir.benchmarks;

import java.time.Duration;

/**
 * How much time a measurement is given, and how often it is repeated.
 *
 * @param overhead what a measurement takes beside, to begin and to end; about
 */
record Pace(int repetitions, Duration warmUp, Duration time, Duration overhead) {

    static Pace of(int repetitions, int warmUpMillis, int millis) {
        return new Pace(repetitions, Duration.ofMillis(warmUpMillis), Duration.ofMillis(millis), Duration.ZERO);
    }

    Pace withOverhead(int millis) {
        return new Pace(repetitions, warmUp, time, Duration.ofMillis(millis));
    }

    /** About how long one measurement takes. */
    Duration estimate() {
        return warmUp.plus(time).plus(overhead);
    }
}
