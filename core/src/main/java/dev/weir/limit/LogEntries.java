package dev.weir.limit;

import dev.weir.limit.SlidingLogState.Entry;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;

/**
 * The entries of a sliding log, oldest first, no time before another's. Immutable; but lists that follow from each
 * other share their arrays, so that one more entry, or some less, takes no copy of the others.
 *
 * <pre>
 *   times    | 3 | 5 | 6 | 9 |   |   |        totals are summed from the left: what lies between two
 *   totals   | 1 | 3 | 4 | 5 |   |   |        places is a difference, and found by bisection
 *                  ^ from     ^ to
 *   list A:      [ 5   6   9   12 ]      its last entry, 12, is not in the arrays: more may be taken at that moment
 *   list B = A at 14: writes 12 at A's end, and has 14 as its last
 * </pre>
 *
 * <p>The first list that follows from another writes behind that list's end. A further one that follows from the same
 * list would write the same, or else copies.
 */
final class LogEntries extends AbstractList<Entry> {

    private static final int SMALLEST = 4;
    private static final int LOOSE = 8;
    private static final Shared NO_PLACES = new Shared(0);

    /** No entry. */
    static final LogEntries NONE = new LogEntries(NO_PLACES, 0, 0, 0, 0);

    /** What is written once, in order, and read by lists that end behind it. */
    private static final class Shared {

        private final long[] times;
        private final long[] totals;
        private int written;

        Shared(int places) {
            times = new long[places];
            totals = new long[places];
        }

        long before(int place) {
            return place == 0 ? 0 : totals[place - 1];
        }

        /** Whether a place has this entry now: any other list that reads that place has seen it written before. */
        synchronized boolean write(int place, long atMicros, long cost) {
            if (place == written && place < times.length) {
                times[place] = atMicros;
                totals[place] = before(place) + cost;
                written++;
                return true;
            }
            return place < written && times[place] == atMicros && totals[place] - before(place) == cost;
        }
    }

    private final Shared shared;
    private final int from;
    private final int to;
    private final long lastMicros;

    /** 0 if there is no entry at all. */
    private final long lastCost;

    private LogEntries(Shared shared, int from, int to, long lastMicros, long lastCost) {
        this.shared = shared;
        this.from = from;
        this.to = to;
        this.lastMicros = lastMicros;
        this.lastCost = lastCost;
    }

    /** The same entries: those of a list that is in order, each with a cost of at least 1. */
    static LogEntries of(List<Entry> entries) {
        if (entries instanceof LogEntries already) {
            return already;
        }
        if (entries.isEmpty()) {
            return NONE;
        }
        entries.forEach(entry -> {
            if (entry.cost() < 1) {
                throw new IllegalArgumentException("an entry must take at least 1 permit, but is " + entry);
            }
        });
        int last = entries.size() - 1;
        Shared shared = last == 0 ? NO_PLACES : new Shared(last);
        for (int i = 0; i < last; i++) {
            shared.write(i, entries.get(i).atMicros(), entries.get(i).cost());
        }
        return new LogEntries(
                shared, 0, last, entries.get(last).atMicros(), entries.get(last).cost());
    }

    /** With more taken, at least 1, at a moment that is not before the last. */
    LogEntries plus(long atMicros, long cost) {
        if (isEmpty()) {
            return new LogEntries(NO_PLACES, 0, 0, atMicros, cost);
        }
        if (atMicros == lastMicros) {
            return new LogEntries(shared, from, to, atMicros, lastCost + cost);
        }
        if (!isLoose() && shared.write(to, lastMicros, lastCost)) {
            return new LogEntries(shared, from, to + 1, atMicros, cost);
        }
        Shared copy = copied();
        copy.write(to - from, lastMicros, lastCost);
        return new LogEntries(copy, 0, to - from + 1, atMicros, cost);
    }

    /** Whether the arrays are much too large, as those of a crowd that has gone. */
    private boolean isLoose() {
        return shared.times.length > LOOSE * Math.max(SMALLEST, size());
    }

    /** With room for as many again, so that a copy is made once for many entries. */
    private Shared copied() {
        Shared copy = new Shared(Math.max(SMALLEST, 2 * size()));
        for (int place = from; place < to; place++) {
            copy.write(place - from, shared.times[place], cost(place));
        }
        return copy;
    }

    /** Without the entries up to and including a moment. */
    LogEntries after(long micros) {
        if (isEmpty() || lastMicros <= micros) {
            return NONE;
        }
        int first = firstAfter(micros);
        return first == from ? this : new LogEntries(shared, first, to, lastMicros, lastCost);
    }

    /** What all entries after a moment took. */
    long usedAfter(long micros) {
        return isEmpty() || lastMicros <= micros ? 0 : shared.before(to) - shared.before(firstAfter(micros)) + lastCost;
    }

    /** The first place whose entry is after a moment; {@link #to} if none is, which stands for the last entry. */
    private int firstAfter(long micros) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (shared.times[middle] > micros) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * When the entry is made with which those after a moment come to so much; there are as many.
     *
     * @param cost at least 1
     */
    long reaches(long cost, long afterMicros) {
        int low = firstAfter(afterMicros);
        int high = to;
        long before = shared.before(low);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (shared.totals[middle] - before >= cost) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low == to ? lastMicros : shared.times[low];
    }

    long lastMicros() {
        return lastMicros;
    }

    private long cost(int place) {
        return shared.totals[place] - shared.before(place);
    }

    @Override
    public boolean isEmpty() {
        return lastCost == 0;
    }

    @Override
    public int size() {
        return isEmpty() ? 0 : to - from + 1;
    }

    @Override
    public Entry get(int index) {
        Objects.checkIndex(index, size());
        int place = from + index;
        return place == to ? new Entry(lastMicros, lastCost) : new Entry(shared.times[place], cost(place));
    }
}
