package dev.weir.benchmarks;

import java.time.Duration;

/** How much time a measurement is given, and how often it is repeated. */
record Pace(int repetitions, Duration warmUp, Duration time) {

    static Pace of(int repetitions, int warmUpMillis, int millis) {
        return new Pace(repetitions, Duration.ofMillis(warmUpMillis), Duration.ofMillis(millis));
    }

    /** One measurement, with what it takes beside to begin and to end. */
    Duration withOverhead(int millis) {
        return warmUp.plus(time).plusMillis(millis);
    }
}
