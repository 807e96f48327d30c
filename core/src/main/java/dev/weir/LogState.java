package dev.weir;

import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link SlidingLog} keeps.
 *
 * @param periodMicros the window's length
 * @param entries what was permitted in the last period, oldest first, no two of one moment
 * @param atMicros the time of the last entry, or the clock's if that is later
 */
public record LogState(long periodMicros, List<Entry> entries, long atMicros) implements State {

    /**
     * Requests that were permitted at one moment.
     *
     * @param atMicros when
     * @param cost the permits they took
     */
    public record Entry(long atMicros, long cost) {}

    public LogState {
        entries = List.copyOf(entries);
    }

    long used() {
        long used = 0;
        for (Entry entry : entries) {
            used += entry.cost();
        }
        return used;
    }

    @Override
    public long permitsUsed(long nowMicros) {
        return since(nowMicros - periodMicros).used();
    }

    /** This state without the entries up to and including {@code micros}. */
    LogState since(long micros) {
        int gone = 0;
        while (gone < entries.size() && entries.get(gone).atMicros() <= micros) {
            gone++;
        }
        return gone == 0 ? this : new LogState(periodMicros, entries.subList(gone, entries.size()), atMicros);
    }

    /** This state with {@code cost} more permits taken at its time. */
    LogState plus(long cost) {
        List<Entry> more = new ArrayList<>(entries);
        int last = more.size() - 1;
        if (last >= 0 && more.get(last).atMicros() == atMicros) {
            more.set(last, new Entry(atMicros, more.get(last).cost() + cost));
        } else {
            more.add(new Entry(atMicros, cost));
        }
        return new LogState(periodMicros, more, atMicros);
    }

    /** Moves to an earlier time, and with it every entry that would be later. */
    @Override
    public LogState at(long otherMicros) {
        List<Entry> earlier =
                entries.stream().filter(entry -> entry.atMicros() < otherMicros).toList();
        LogState moved = new LogState(periodMicros, earlier, otherMicros);
        long late = used() - moved.used();
        return late == 0 ? moved : moved.plus(late);
    }

    @Override
    public boolean continues(State earlier) {
        return earlier instanceof LogState log && periodMicros == log.periodMicros && atMicros >= log.atMicros;
    }

    @Override
    public boolean isEmpty() {
        return entries.isEmpty();
    }
}
