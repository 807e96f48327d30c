package dev.weir.limit;

import java.util.ArrayList;
import java.util.List;

/**
 * What one client has used of one limit, together with the numbers it is counted in: so that it can still be read when
 * the limit has other numbers, or is another algorithm, by then. Immutable. Each {@link Limit} writes a record of its
 * own kind.
 */
public sealed interface State {

    /** The moment up to which time is accounted for: microseconds since the epoch. */
    long atMicros();

    /** The permits in use at {@code nowMicros} by this state's own numbers, rounded up. */
    long permitsUsed(long nowMicros);

    /**
     * Microseconds from {@code nowMicros} until at most {@code permits} are in use by this state's own numbers, if
     * nothing is taken before; 0 if that is so already.
     *
     * @param permits 0 or more
     */
    long fitsAfterMicros(long permits, long nowMicros);

    /** This state as time alone has made it by {@code nowMicros}, by its own numbers. */
    State drained(long nowMicros);

    /** This state on a clock that was set back to {@code nowMicros}; use unchanged. */
    State at(long nowMicros);

    /**
     * This state as seen by a clock that shows {@code nowMicros}: not further ahead of it than {@code believedMicros}.
     */
    default State believed(long nowMicros, long believedMicros) {
        return isBelieved(nowMicros, believedMicros) ? this : at(nowMicros);
    }

    /** Whether this state is at most {@code believedMicros} ahead of a clock that shows {@code nowMicros}. */
    default boolean isBelieved(long nowMicros, long believedMicros) {
        return atMicros() - nowMicros <= believedMicros;
    }

    /** Whether nothing is in use: as good as no state. */
    boolean isEmpty();

    /** When nothing is in use any more if nothing is taken before: microseconds since the epoch. */
    long emptyAtMicros();

    /**
     * What any limit keeps, if a caller's timestamp has moved it: how a store keeps it, not what limits see.
     *
     * @param state what the limit wrote
     * @param keptMicros how much longer it counts than until it is empty: at least as long as older timestamps are
     *     allowed
     */
    record Stamped(State state, long keptMicros) implements State {

        @Override
        public long atMicros() {
            return state.atMicros();
        }

        @Override
        public long permitsUsed(long nowMicros) {
            return state.permitsUsed(nowMicros);
        }

        @Override
        public long fitsAfterMicros(long permits, long nowMicros) {
            return state.fitsAfterMicros(permits, nowMicros);
        }

        @Override
        public Stamped drained(long nowMicros) {
            return new Stamped(state.drained(nowMicros), keptMicros);
        }

        @Override
        public Stamped at(long nowMicros) {
            return new Stamped(state.at(nowMicros), keptMicros);
        }

        @Override
        public boolean isEmpty() {
            return state.isEmpty();
        }

        @Override
        public long emptyAtMicros() {
            return state.emptyAtMicros() + keptMicros;
        }
    }

    /**
     * What a {@link TokenBucket} keeps.
     *
     * @param tickMicros the length of a tick: 1, 1,000 or 1,000,000
     * @param rate units that drain per tick
     * @param unit units to a permit
     * @param used units that are missing from a full bucket
     * @param atMicros when {@code used} was right
     * @param held what of it is leased, and may not drain before it is spent or the lease has ended
     */
    record Bucket(long tickMicros, long rate, long unit, long used, long atMicros, OutstandingLeases held)
            implements State {

        public Bucket {
            held = held.isNothing() ? OutstandingLeases.NONE : held;
        }

        /** With nothing leased. */
        public Bucket(long tickMicros, long rate, long unit, long used, long atMicros) {
            this(tickMicros, rate, unit, used, atMicros, OutstandingLeases.NONE);
        }

        @Override
        public long permitsUsed(long nowMicros) {
            return Exact.ceilDiv(nowMicros <= atMicros ? used : drained(nowMicros).used, unit);
        }

        @Override
        public long fitsAfterMicros(long permits, long nowMicros) {
            // Compared in permits: of other numbers, so many units might not be counted exactly.
            if (Exact.ceilDiv(used, unit) <= permits) {
                return 0;
            }
            return Math.max(0, drainsAfterMicros(permits * unit) - (nowMicros - atMicros));
        }

        @Override
        public Bucket at(long nowMicros) {
            return new Bucket(tickMicros, rate, unit, used, nowMicros, held.later(nowMicros - atMicros));
        }

        /** This state with more or less in use. */
        public Bucket using(long otherUsed, OutstandingLeases otherHeld) {
            return new Bucket(tickMicros, rate, unit, otherUsed, atMicros, otherHeld);
        }

        /** In whole ticks but for the one in which it gets empty. */
        @Override
        public Bucket drained(long nowMicros) {
            // Epoch by epoch: in one step, what is held until the first one's end would refill behind its back.
            Bucket drained = this;
            while (drained.held.permits() > 0 && drained.held.epochEndMicros() <= nowMicros) {
                OutstandingLeases before = drained.held;
                drained = drained.drainedWithin(before.epochEndMicros());
                drained = drained.using(drained.used, before.nextEpoch());
            }
            return drained.drainedWithin(nowMicros).reopened(nowMicros);
        }

        /** Drained up to a time that is not after the end of the epoch. */
        private Bucket drainedWithin(long nowMicros) {
            if (nowMicros <= atMicros) {
                return this;
            }
            long drains = drains();
            if (nowMicros - atMicros >= drainMicros(drains)) {
                return new Bucket(tickMicros, rate, unit, used - drains, nowMicros, held);
            }
            long ticks = (nowMicros - atMicros) / tickMicros;
            return new Bucket(tickMicros, rate, unit, used - ticks * rate, atMicros + ticks * tickMicros, held);
        }

        /** The units that may drain before a lease is given back or ends. */
        private long drains() {
            if (held.permits() == 0) {
                return used; // Of nearly all buckets nothing is leased: they are spared the division.
            }
            return used / unit < held.permits() ? 0 : used - held.permits() * unit;
        }

        /** In how much time so many units drain, by a part of a tick at last, rounded up to a microsecond. */
        private long drainMicros(long units) {
            long micros = units / rate;
            long rest = units % rate;
            // Digit by digit in base 1,000: a tick is a power of it, and the whole product could not be counted.
            for (long left = tickMicros; left > 1; left /= Exact.TICK_STEP) {
                micros = micros * Exact.TICK_STEP + rest * Exact.TICK_STEP / rate;
                rest = rest * Exact.TICK_STEP % rate;
            }
            return rest == 0 ? micros : micros + 1;
        }

        private Bucket reopened(long nowMicros) {
            return held != OutstandingLeases.NONE && held.isOver(nowMicros)
                    ? using(used, OutstandingLeases.NONE)
                    : this;
        }

        /**
         * How long after {@link #atMicros} no more than {@code units} are in use if nothing is taken before, at most
         * {@link Limit#EXACT}.
         */
        long drainsAfterMicros(long units) {
            if (used <= units) {
                return 0;
            }
            long unheld = Math.min(Exact.ceilDiv(used - units, rate) * tickMicros, drainMicros(drains()));
            long epochAfter = held.epochEndMicros() - atMicros;
            if (held.permits() == 0 || held.permits() <= units / unit && unheld <= epochAfter) {
                return unheld;
            }
            Bucket next = drained(held.epochEndMicros());
            return next.used <= units
                    ? epochAfter
                    : Math.min(Limit.EXACT, next.atMicros - atMicros + next.drainsAfterMicros(units));
        }

        /** What is leased is in use: with at least that much in use, as far as it can be counted. */
        public Bucket usingHeld(long otherUsed, OutstandingLeases otherHeld) {
            return using(Math.max(otherUsed, Math.min(otherHeld.permits(), Limit.EXACT / unit) * unit), otherHeld);
        }

        @Override
        public long emptyAtMicros() {
            return Math.max(atMicros + drainsAfterMicros(0), held.closedUntilMicros());
        }

        @Override
        public boolean isEmpty() {
            return used == 0 && held.isNothing();
        }
    }

    /**
     * What of a bucket's use is leased: counted by the epoch in which the leases end, so that those of an instance that
     * has died are forgotten by themselves, however often the others renew theirs.
     *
     * @param current permits of leases that end with this epoch
     * @param next permits of leases that end with the next
     * @param epochEndMicros when this epoch ends; the next one is {@link #EPOCH_MICROS} long
     * @param closedUntilMicros until when no permits are leased, because a request waits for so many that it would
     *     never find them otherwise; 0 if none does
     */
    record OutstandingLeases(long current, long next, long epochEndMicros, long closedUntilMicros) {

        /** The longest that a lease lives. */
        public static final long EPOCH_MICROS = 1_000_000;

        /** Nothing is leased, and no request waits for that. */
        public static final OutstandingLeases NONE = new OutstandingLeases(0, 0, 0, 0);

        public long permits() {
            return current + next;
        }

        /** Whether this says no more than {@link #NONE}. */
        public boolean isNothing() {
            return permits() == 0 && closedUntilMicros == 0;
        }

        boolean isOver(long nowMicros) {
            return permits() == 0 && !isClosed(nowMicros);
        }

        public boolean isClosed(long nowMicros) {
            return closedUntilMicros > nowMicros;
        }

        OutstandingLeases nextEpoch() {
            return new OutstandingLeases(next, 0, epochEndMicros + EPOCH_MICROS, closedUntilMicros);
        }

        /** As it is by a clock that was set forward by {@code micros}, or back. */
        OutstandingLeases later(long micros) {
            long closedUntil = closedUntilMicros == 0 ? 0 : closedUntilMicros + micros;
            return new OutstandingLeases(current, next, epochEndMicros + micros, closedUntil);
        }

        /**
         * Closed until the leases that are out have ended, and for an epoch more: time for a patient client to come
         * back.
         */
        public OutstandingLeases closed() {
            long lastEndMicros = next > 0 ? epochEndMicros + EPOCH_MICROS : epochEndMicros;
            return new OutstandingLeases(current, next, epochEndMicros, lastEndMicros + EPOCH_MICROS);
        }

        public OutstandingLeases opened() {
            return new OutstandingLeases(current, next, epochEndMicros, 0);
        }

        /**
         * With which epoch a lease ends that is taken at {@code nowMicros}: an epoch is named by the time of its end.
         */
        public long epochOf(long nowMicros) {
            long endMicros = nowMicros + EPOCH_MICROS;
            if (permits() == 0) {
                return endMicros;
            }
            return endMicros <= epochEndMicros ? epochEndMicros : epochEndMicros + EPOCH_MICROS;
        }

        /** With more permits that end with {@code epoch}, which {@link #epochOf} has returned. */
        public OutstandingLeases plus(long permits, long epoch) {
            if (permits() == 0) {
                return new OutstandingLeases(permits, 0, epoch, closedUntilMicros);
            }
            return epoch == epochEndMicros
                    ? new OutstandingLeases(current + permits, next, epochEndMicros, closedUntilMicros)
                    : new OutstandingLeases(current, next + permits, epochEndMicros, closedUntilMicros);
        }

        /** Whether a lease of so many permits that ends with {@code epoch} can be among those counted here. */
        public boolean counts(long permits, long epoch) {
            return epoch == epochEndMicros && permits <= current
                    || epoch == epochEndMicros + EPOCH_MICROS && permits <= next;
        }

        public OutstandingLeases minus(long permits, long epoch) {
            return epoch == epochEndMicros
                    ? new OutstandingLeases(current - permits, next, epochEndMicros, closedUntilMicros)
                    : new OutstandingLeases(current, next - permits, epochEndMicros, closedUntilMicros);
        }
    }

    /**
     * What a {@link FixedWindow} keeps.
     *
     * @param periodMicros the window's length
     * @param used permits taken in the window
     * @param atMicros when the window began
     */
    record Window(long periodMicros, long used, long atMicros) implements State {

        @Override
        public long permitsUsed(long nowMicros) {
            return nowMicros < atMicros + periodMicros ? used : 0;
        }

        @Override
        public long fitsAfterMicros(long permits, long nowMicros) {
            return used <= permits ? 0 : Math.max(0, atMicros + periodMicros - nowMicros);
        }

        @Override
        public Window drained(long nowMicros) {
            return nowMicros < atMicros + periodMicros ? this : new Window(periodMicros, 0, beginOf(nowMicros));
        }

        /** Windows stay aligned to the epoch. */
        @Override
        public Window at(long nowMicros) {
            return new Window(periodMicros, used, beginOf(nowMicros));
        }

        private long beginOf(long micros) {
            return micros - Math.floorMod(micros, periodMicros);
        }

        @Override
        public long emptyAtMicros() {
            return used == 0 ? atMicros : atMicros + periodMicros;
        }

        @Override
        public boolean isEmpty() {
            return used == 0;
        }
    }

    /**
     * What a {@link SlidingWindow} keeps.
     *
     * @param tickMicros the length of a tick: 1, 1,000 or 1,000,000
     * @param periodTicks the window's length in ticks
     * @param current permits taken in the window
     * @param previous permits taken in the window before
     * @param atMicros when the window began
     */
    record Sliding(long tickMicros, long periodTicks, long current, long previous, long atMicros) implements State {

        long periodMicros() {
            return periodTicks * tickMicros;
        }

        @Override
        public long permitsUsed(long nowMicros) {
            Sliding drained = drained(nowMicros);
            return drained.current + drained.weighted(nowMicros);
        }

        @Override
        public long fitsAfterMicros(long permits, long nowMicros) {
            if (permitsUsed(nowMicros) <= permits) {
                return 0;
            }
            Sliding drained = drained(nowMicros);
            long free = permits - drained.current;
            long waitTicks = free >= 0
                    ? untilCovers(free, drained.previous)
                    : periodTicks + untilCovers(permits, drained.current);
            return drained.atMicros + waitTicks * tickMicros - nowMicros;
        }

        /** Ticks into a window until the part of {@code before} that still counts is at most {@code free}. */
        private long untilCovers(long free, long before) {
            return before <= free ? 0 : periodTicks - free * periodTicks / before;
        }

        @Override
        public Sliding drained(long nowMicros) {
            return moved(atMicros + Math.max(0, nowMicros - atMicros) / periodMicros() * periodMicros());
        }

        /**
         * Windows stay aligned to the epoch. All that was in use counts in the window of {@code nowMicros}: in which of
         * the two it was taken cannot be known any more.
         */
        @Override
        public Sliding at(long nowMicros) {
            long used = Math.min(current + previous, Limit.EXACT / periodTicks);
            return new Sliding(tickMicros, periodTicks, used, 0, nowMicros - Math.floorMod(nowMicros, periodMicros()));
        }

        /** This state as of the window that begins at {@code windowAtMicros}, which is no earlier one. */
        Sliding moved(long windowAtMicros) {
            long windows = (windowAtMicros - atMicros) / periodMicros();
            if (windows == 0) {
                return this;
            }
            return new Sliding(tickMicros, periodTicks, 0, windows == 1 ? current : 0, windowAtMicros);
        }

        /**
         * The window before, by the part of it that a period looking back from {@code nowMicros} still covers; rounded
         * up.
         */
        long weighted(long nowMicros) {
            return Exact.ceilDiv(previous * (periodTicks - elapsedTicks(nowMicros)), periodTicks);
        }

        /** Whole ticks since the window began; none if the clock has gone back to before. */
        long elapsedTicks(long nowMicros) {
            return Math.max(0, nowMicros - atMicros) / tickMicros;
        }

        @Override
        public long emptyAtMicros() {
            return current > 0 ? atMicros + 2 * periodMicros() : previous > 0 ? atMicros + periodMicros() : atMicros;
        }

        @Override
        public boolean isEmpty() {
            return current == 0 && previous == 0;
        }
    }

    /**
     * What a {@link SlidingLog} keeps.
     *
     * @param periodMicros the window's length
     * @param entries what was permitted in the last period, oldest first, no two of one moment; each took at least 1
     * @param atMicros the time of the last entry, or the clock's if that is later
     */
    record Log(long periodMicros, List<Entry> entries, long atMicros) implements State {

        /**
         * Requests that were permitted at one moment.
         *
         * @param atMicros when
         * @param cost the permits they took
         */
        public record Entry(long atMicros, long cost) {}

        public Log {
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
        public Log drained(long nowMicros) {
            return new Log(periodMicros, log().after(nowMicros - periodMicros), Math.max(nowMicros, atMicros));
        }

        /** This state with {@code cost} more permits taken at its time. */
        public Log plus(long cost) {
            return new Log(periodMicros, log().plus(atMicros, cost), atMicros);
        }

        /**
         * This state with {@code cost} permits less, or all, in the entry of a moment; itself if there is no such
         * entry.
         */
        Log without(long micros, long cost) {
            List<Entry> fewer = new ArrayList<>(entries);
            fewer.replaceAll(entry ->
                    entry.atMicros() == micros ? new Entry(micros, Math.max(0, entry.cost() - cost)) : entry);
            fewer.removeIf(entry -> entry.cost() == 0);
            return new Log(periodMicros, fewer, atMicros);
        }

        /** Moves to an earlier time, and with it every entry that would be later. */
        @Override
        public Log at(long nowMicros) {
            List<Entry> earlier = entries.stream()
                    .filter(entry -> entry.atMicros() < nowMicros)
                    .toList();
            Log moved = new Log(periodMicros, earlier, nowMicros);
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
}
