package dev.weir.lease;

import dev.weir.limit.TokenBucket;
import dev.weir.store.Scheduler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * What was admitted, and between which two moments each request was decided. Thread-safe.
 *
 * <p>A request is admitted in an interval if both its moments lie in it, so none is counted where it may not have been:
 * what is found above a limit here was above it.
 */
public final class Admissions {

    private record Admission(long beforeNanos, long afterNanos, long cost) {}

    private final ConcurrentLinkedQueue<Admission> all = new ConcurrentLinkedQueue<>();
    private final Scheduler scheduler;

    public Admissions() {
        this(Scheduler.system());
    }

    /** @param scheduler by whose time requests are decided */
    public Admissions(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** A decision. */
    public interface Request {

        /** Whether it was permitted. */
        boolean decide();
    }

    /** Makes a request and notes it if it is permitted. */
    public boolean note(long cost, Request request) {
        long beforeNanos = scheduler.nanoTime();
        boolean permitted = request.decide();
        if (permitted) {
            add(beforeNanos, scheduler.nanoTime(), cost);
        }
        return permitted;
    }

    /** Notes a request that was permitted, by the monotonic clock. */
    public void add(long beforeNanos, long afterNanos, long cost) {
        all.add(new Admission(beforeNanos, afterNanos, cost));
    }

    /** The permits of all. */
    public long total() {
        return all.stream().mapToLong(Admission::cost).sum();
    }

    /** By how many permits the busiest interval was above {@code burst + rate * t}; negative if none was. */
    public long above(TokenBucket limit) {
        List<Admission> starts = new ArrayList<>(all);
        starts.sort(Comparator.comparingLong(Admission::beforeNanos));
        List<Admission> ends = new ArrayList<>(all);
        ends.sort(Comparator.comparingLong(Admission::afterNanos));
        double perNano = (double) limit.permits() / limit.periodMicros() / 1_000;
        long originNanos = starts.get(0).beforeNanos;
        // Admitted from one start to one end: what ended by then, less what had started before.
        double best = Double.NEGATIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        long started = 0;
        long ended = 0;
        int next = 0;
        for (Admission end : ends) {
            while (next < starts.size() && starts.get(next).beforeNanos <= end.afterNanos) {
                best = Math.max(best, perNano * (starts.get(next).beforeNanos - originNanos) - started);
                started += starts.get(next++).cost;
            }
            ended += end.cost;
            most = Math.max(most, ended - perNano * (end.afterNanos - originNanos) + best);
        }
        return (long) Math.floor(most - limit.capacity() - 1); // One for clocks that count whole microseconds.
    }

    /**
     * The most permits that were surely admitted in one aligned window, by a clock that runs along with the monotonic
     * one.
     */
    long mostInOneWindow(long periodNanos, long clockAheadNanos) {
        return all.stream()
                .filter(admission -> window(admission.beforeNanos, periodNanos, clockAheadNanos)
                        == window(admission.afterNanos, periodNanos, clockAheadNanos))
                .collect(Collectors.groupingBy(
                        admission -> window(admission.afterNanos, periodNanos, clockAheadNanos),
                        Collectors.summingLong(Admission::cost)))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    private static long window(long nanos, long periodNanos, long clockAheadNanos) {
        return Math.floorDiv(nanos + clockAheadNanos, periodNanos);
    }
}
