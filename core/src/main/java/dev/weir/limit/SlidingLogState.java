package dev.weir.limit;

import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link SlidingLog} keeps.
 *
 * @param periodMicros the window's length
 * @param entries what was permitted in the last period, oldest first, no two of one moment; each took at least 1
 * @param atMicros the time of the last entry, or the clock's if that is later
 */
public record SlidingLogState(long periodMicros, List<Entry> entries, long atMicros) implements State {

    /**
     * Requests that were permitted at one moment.
     *
     * @param atMicros when
     * @param cost the permits they took
     */
    public record Entry(long atMicros, long cost) {}

    public SlidingLogState {
        entries = LogEntries.of(entries);
    }

    private LogEntries log() {
        return (LogEntries) entries;
    }

    long used() {
        return log().usedAfter(Long.MIN_VALUE);
    }

    @Override
    public long permitsUsed(long nowMicros) {
        return log().usedAfter(nowMicros - periodMicros);
    }

    @Override
    public long fitsAfterMicros(long permits, long nowMicros) {
        long excess = permitsUsed(nowMicros) - permits;
        return excess <= 0 ? 0 : log().reaches(excess, nowMicros - periodMicros) + periodMicros - nowMicros;
    }

    @Override
    public SlidingLogState drained(long nowMicros) {
        return new SlidingLogState(periodMicros, log().after(nowMicros - periodMicros), Math.max(nowMicros, atMicros));
    }

    /** This state with {@code cost} more permits taken at its time. */
    public SlidingLogState plus(long cost) {
        return new SlidingLogState(periodMicros, log().plus(atMicros, cost), atMicros);
    }

    /** As one entry of its time, with which at most two of the largest logs are in use. */
    @Override
    public SlidingLogState owing(long permits) {
        long room = Math.max(0, 2 * SlidingLog.MAX_PERMITS - used());
        return room == 0 ? this : plus(Math.min(permits, room));
    }

    /**
     * This state with {@code cost} permits less, or all, in the entry of a moment; itself if there is no such
     * entry.
     */
    SlidingLogState without(long micros, long cost) {
        List<Entry> fewer = new ArrayList<>(entries);
        fewer.replaceAll(entry ->
                entry.atMicros() == micros ? new Entry(micros, Math.max(0, entry.cost() - cost)) : entry);
        fewer.removeIf(entry -> entry.cost() == 0);
        return new SlidingLogState(periodMicros, fewer, atMicros);
    }

    /** Moves to an earlier time, and with it every entry that would be later. */
    @Override
    public SlidingLogState at(long nowMicros) {
        List<Entry> earlier =
                entries.stream().filter(entry -> entry.atMicros() < nowMicros).toList();
        SlidingLogState moved = new SlidingLogState(periodMicros, earlier, nowMicros);
        long late = used() - moved.used();
        return late == 0 ? moved : moved.plus(late);
    }

    @Override
    public long emptyAtMicros() {
        return entries.isEmpty() ? atMicros : log().lastMicros() + periodMicros;
    }

    @Override
    public boolean isEmpty() {
        return entries.isEmpty();
    }
}
