package dev.weir.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.LongStream;

/**
 * The limits that may have been in force at a time, as they change. A change is made at a moment between its begin and
 * its success, instances learn of it a little later, and what was changed just before Redis died may have been lost.
 * Thread-safe.
 */
final class Numbers {

    /** Within which an instance learns of a change, and follows it. */
    private static final long KNOWN_NANOS =
            Duration.ofSeconds(2).plusMillis(Trial.SLACK_MILLIS).toNanos();

    /** What Redis has not written down when it dies. */
    private static final long UNWRITTEN_NANOS = Duration.ofSeconds(2).toNanos();

    private static final long OPEN = Long.MAX_VALUE;

    private record Held(int limit, long fromNanos, long toNanos) {

        Held until(long nanos) {
            return new Held(limit, fromNanos, Math.min(toNanos, nanos));
        }

        /** From the last charge before it on: what drains since then may drain at its rate. */
        Held sinceCharged(NavigableSet<Long> charged) {
            Long last = charged.lower(fromNanos);
            return last == null ? this : new Held(limit, last, toNanos);
        }
    }

    private final Traffic traffic;
    private final long earlierNanos;
    private List<Held> held = new ArrayList<>();

    /** @param earlierNanos how long before its change a limit may count: in a window, from that window's begin on */
    Numbers(Traffic traffic, long earlierNanos) {
        this.traffic = traffic;
        this.earlierNanos = earlierNanos;
        held.add(new Held(traffic.limit(), Long.MIN_VALUE, OPEN));
    }

    /** From now on this limit may be in force, beside those before. */
    synchronized void attempt(int limit, long nowNanos) {
        held.add(new Held(limit, nowNanos - earlierNanos, OPEN));
    }

    /** The last one that was attempted is in force, and those before for as long as it takes to be known. */
    synchronized void succeed(long nowNanos) {
        Held last = held.get(held.size() - 1);
        held = new ArrayList<>(
                held.stream().map(each -> each.until(nowNanos + KNOWN_NANOS)).toList());
        held.set(held.size() - 1, last);
    }

    /** The store has lost what it had not written down: those before the last change may be in force again. */
    synchronized void reopen(long nowNanos) {
        extend(nowNanos - UNWRITTEN_NANOS, OPEN);
    }

    /** The store could not be reached in this time: what instances had not learnt before, they learn after it. */
    synchronized void delay(long fromNanos, long toNanos) {
        extend(fromNanos, toNanos + KNOWN_NANOS);
    }

    private void extend(long fromNanos, long toNanos) {
        held = new ArrayList<>(held.stream()
                .map(each -> each.toNanos() < fromNanos
                        ? each
                        : new Held(each.limit(), each.fromNanos(), Math.max(each.toNanos(), toNanos)))
                .toList());
    }

    /**
     * What may have been admitted by the largest of them at each time.
     *
     * @param charged when the requests were sent that were admitted: a limit that is raised counts from the last one
     *     before it
     */
    synchronized Bound bound(long fromNanos, long toNanos, List<Bound.Grant> grants, NavigableSet<Long> charged) {
        List<Held> counted =
                held.stream().map(each -> each.sinceCharged(charged)).toList();
        List<Bound.Rate> rates = changes(counted, fromNanos, toNanos).stream()
                .map(nanos -> new Bound.Rate(
                        nanos, inForce(counted, nanos, nanos).max().orElseThrow()))
                .toList();
        long most = inForce(counted, fromNanos, toNanos).max().orElseThrow();
        return new Bound(most * traffic.burst() / traffic.limit(), rates, grants);
    }

    /** What comes back by the smallest of them at each time. */
    synchronized long least(long fromNanos, long toNanos) {
        long least = 0;
        long before = fromNanos;
        for (long change : changes(held, fromNanos, toNanos).tailSet(fromNanos, false)) {
            least += (change - before) * inForce(held, before, before).min().orElseThrow();
            before = change;
        }
        return Math.floorDiv(
                least + (toNanos - before) * inForce(held, before, before).min().orElseThrow(), Bound.PERMIT);
    }

    private static NavigableSet<Long> changes(List<Held> held, long fromNanos, long toNanos) {
        NavigableSet<Long> changes = new TreeSet<>(List.of(fromNanos));
        for (Held each : held) {
            changes.add(each.fromNanos());
            changes.add(each.toNanos());
        }
        return changes.subSet(fromNanos, true, toNanos, false);
    }

    private static LongStream inForce(List<Held> held, long fromNanos, long toNanos) {
        return held.stream()
                .filter(each -> each.fromNanos() <= toNanos && each.toNanos() > fromNanos)
                .mapToLong(Held::limit);
    }
}
