package dev.weir.sample.load;

import dev.weir.sample.traffic.TrafficSource;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What came of one client's requests, by the second in which they were sent. Thread-safe. */
final class Tally {

    /** What came of a request. */
    enum Fate {
        /** Answered by the application, with whatever status. */
        THROUGH,
        /** Answered with 429. */
        REJECTED,
        /** Answered with a status of 500 or more, or not at all. */
        FAILED;

        static Fate ofStatus(int status) {
            if (status == TOO_MANY_REQUESTS) {
                return REJECTED;
            }
            return status >= SERVER_ERROR ? FAILED : THROUGH;
        }
    }

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;
    private static final int DIGITS = 3;

    private final TrafficSource source;
    private final int seconds;
    private final AtomicIntegerArray[] byFate = new AtomicIntegerArray[Fate.values().length];
    private final Histogram micros = new ConcurrentHistogram(DIGITS);

    Tally(TrafficSource source, int seconds) {
        this.source = source;
        this.seconds = seconds;
        for (int fate = 0; fate < byFate.length; fate++) {
            byFate[fate] = new AtomicIntegerArray(seconds);
        }
    }

    TrafficSource source() {
        return source;
    }

    int seconds() {
        return seconds;
    }

    /** @param second in which it was sent; a late one counts for the last */
    void add(Fate fate, int second, long tookMicros) {
        byFate[fate.ordinal()].incrementAndGet(Math.min(second, seconds - 1));
        if (fate != Fate.FAILED) {
            micros.recordValue(tookMicros);
        }
    }

    int in(int second, Fate fate) {
        return byFate[fate.ordinal()].get(second);
    }

    long all(Fate fate) {
        long sum = 0;
        for (int second = 0; second < seconds; second++) {
            sum += in(second, fate);
        }
        return sum;
    }

    long sent() {
        long sum = 0;
        for (Fate fate : Fate.values()) {
            sum += all(fate);
        }
        return sum;
    }

    /** How long the given share of answers took at most, in milliseconds; 0 without answers. */
    double millis(double percentile) {
        return micros.getTotalCount() == 0 ? 0 : micros.getValueAtPercentile(percentile) / 1_000.0;
    }
}
