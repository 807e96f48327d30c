package dev.weir;

import dev.weir.limit.Exact;
import dev.weir.limit.FixedWindowState;
import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.SlidingLogState;
import dev.weir.limit.StampedState;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucketState;
import org.jspecify.annotations.Nullable;

/**
 * What this instance has admitted of one limit without the store, as far as it still stands.
 *
 * <p>Two meters go on from the state in which the store was lost: one with what was admitted since, one without. The
 * store's own meter drains meanwhile like the one without. So their difference is what it lacks, and no more: what time
 * has given back is not charged, and what was in use before is not charged twice.
 *
 * <pre>
 *   in use
 *     |\        ____ with: goes up with what is admitted
 *     | \  /|  /    \
 *     |  \/ | /      |  debt = with - without
 *     |   \ |/       |
 *     |    \`.       |
 *   0 |_____\__`_____|_ without: drains as the store's
 * </pre>
 *
 * <p>Immutable.
 *
 * @param limit the whole limit, which is charged at the store
 * @param share this instance's, by which both meters go
 * @param with what is in use of the share
 * @param without what would be, had nothing been admitted that the store does not know
 * @param admitted all that was: the debt is never more
 */
record Debt(Limit limit, Meter share, State with, State without, long admitted) {

    /**
     * Nothing yet. What is left of the store's limit was rounded up when it was divided, so up to a permit less is in
     * use here than there, and would have drained too early: both meters start with one more.
     *
     * @param followed what was in use of the share when the store was lost; null if nothing was
     */
    static Debt from(@Nullable State followed, Limit limit, Meter share, long nowMicros) {
        State inUse = followed instanceof StampedState stamped ? stamped.state() : followed;
        State start = share.owing(share.advance(inUse, nowMicros), nowMicros, 1);
        return new Debt(limit, share, start, start, 0);
    }

    /** This debt once more has been admitted, maybe by other numbers. */
    Debt plus(Limit ofNow, Meter shareOfNow, long cost, long nowMicros) {
        State more = shareOfNow.owing(shareOfNow.advance(with, nowMicros), nowMicros, cost);
        return new Debt(ofNow, shareOfNow, more, without, admitted + cost);
    }

    /** As {@link #plus}, where the store may have charged the same: it is in use, and not owed. */
    Debt plusCharged(Limit ofNow, Meter shareOfNow, long cost, long nowMicros) {
        Debt more = plus(ofNow, shareOfNow, cost, nowMicros);
        State known = shareOfNow.owing(shareOfNow.advance(without, nowMicros), nowMicros, cost);
        return new Debt(ofNow, shareOfNow, more.with, known, admitted);
    }

    /** This debt once some of what was admitted has been given back. */
    Debt minus(long cost, long atMicros, long nowMicros) {
        State less = share.givenBack(with, cost, atMicros, nowMicros);
        return new Debt(limit, share, less, without, Math.max(0, admitted - cost));
    }

    /** This debt, and one that began before it and could not be charged. */
    Debt plus(Debt before, long nowMicros) {
        long owed = before.permits(nowMicros);
        return owed == 0 ? this : plus(limit, share, owed, nowMicros);
    }

    /** The permits to charge, rounded up. */
    long permits(long nowMicros) {
        return Math.min(admitted, difference(nowMicros));
    }

    private long difference(long nowMicros) {
        State more = with.drained(nowMicros);
        State less = without.drained(nowMicros);
        if (more instanceof TokenBucketState one
                && less instanceof TokenBucketState other
                && one.unit() == other.unit()) {
            return Math.max(0, Exact.ceilDiv(one.used() - other.used(), one.unit()));
        }
        // What is used is rounded up: of what is taken off, up to a permit may be too much.
        boolean isWhole = more instanceof FixedWindowState || more instanceof SlidingLogState;
        return Math.max(0, more.permitsUsed(nowMicros) - less.permitsUsed(nowMicros) + (isWhole ? 0 : 1));
    }
}
