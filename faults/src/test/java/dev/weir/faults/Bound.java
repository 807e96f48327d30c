package dev.weir.faults;

import java.util.List;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a limit may let through in any interval: a burst, what has come back in it by the rates of that time, and what
 * is granted for the faults that fall into it. In billionths of a permit, so that it is exact.
 */
final class Bound {

    static final long PERMIT = 1_000_000_000L;

    /**
     * A rate that holds from a moment on.
     *
     * @param limit the permits a second
     */
    record Rate(long fromNanos, long limit) {}

    /** Permits that a fault may cost, in whichever part of its time. */
    record Grant(long fromNanos, long toNanos, long permits) {}

    private record Level(long comeBack, long limit) {}

    private final long burst;
    private final NavigableMap<Long, Level> levels = new TreeMap<>();
    private final NavigableMap<Long, Long> begun = new TreeMap<>();
    private final NavigableMap<Long, Long> ended = new TreeMap<>();

    /**
     * @param burst the most that was in force
     * @param rates in their order; the first one holds before as well
     */
    Bound(long burst, List<Rate> rates, List<Grant> grants) {
        this.burst = burst;
        long comeBack = 0;
        Rate before = rates.get(0);
        for (Rate rate : rates) {
            comeBack += (rate.fromNanos() - before.fromNanos()) * before.limit();
            levels.put(rate.fromNanos(), new Level(comeBack, rate.limit()));
            before = rate;
        }
        grants.forEach(each -> begun.merge(each.fromNanos(), each.permits(), Long::sum));
        grants.forEach(each -> ended.merge(each.toNanos(), each.permits(), Long::sum));
        addUp(begun);
        addUp(ended);
    }

    private static void addUp(NavigableMap<Long, Long> permits) {
        long sum = 0;
        for (var each : permits.entrySet()) {
            sum += each.getValue();
            each.setValue(sum);
        }
    }

    /** A limit whose numbers stay, in which any interval is granted the same. */
    static Bound of(Traffic traffic, long fromNanos, long extra) {
        return new Bound(traffic.burst() + extra, List.of(new Rate(fromNanos, traffic.limit())), List.of());
    }

    /** Of an interval from one moment to another: {@code until(to) - since(from)}, and the grants in parts of it. */
    long allowed(long fromNanos, long toNanos) {
        return until(toNanos) - since(fromNanos);
    }

    /** The same without any grant. */
    long ungranted(long fromNanos, long toNanos) {
        return burst * PERMIT + comeBack(toNanos) - comeBack(fromNanos);
    }

    /** What an interval that ends then may have, if it begins with all. */
    long until(long nanos) {
        return burst * PERMIT + comeBack(nanos) + sum(begun.floorEntry(nanos));
    }

    /** What an interval that begins then cannot have any more. */
    long since(long nanos) {
        return comeBack(nanos) + sum(ended.lowerEntry(nanos));
    }

    private long comeBack(long nanos) {
        var level = levels.floorEntry(nanos);
        var from = level == null ? levels.firstEntry() : level;
        return from.getValue().comeBack()
                + (nanos - from.getKey()) * from.getValue().limit();
    }

    private static long sum(@Nullable Entry<Long, Long> sum) {
        return sum == null ? 0 : sum.getValue() * PERMIT;
    }
}
