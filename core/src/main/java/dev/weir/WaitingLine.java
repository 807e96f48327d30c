package dev.weir;

import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Requests that want the same of the same limits, in the order in which they came. */
final class WaitingLine {

    /** Asking more often pays nowhere: what comes free meanwhile is there for all that stand behind. */
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Twice that can still be added to a time. */
    private static final long FOREVER_NANOS = Long.MAX_VALUE >> 2;

    final QueuedRequest.Place place;
    final Deque<WaitingRequest> parked = new ArrayDeque<>();

    /** The decisions last made on the first, or on the one before it. */
    Decisions refused;

    /** When the first may pass, as far as is known. */
    long passesNanos;

    /** Whether the store has said so of the first. When the first has passed or left, nothing is known of the next. */
    private boolean isKnown = true;

    /** The request that is being asked for; it may have left the line meanwhile. */
    @Nullable WaitingRequest asking;

    @Nullable Future<?> nextAsk;

    WaitingLine(QueuedRequest.Place place, Decisions refused, long passesNanos) {
        this.place = place;
        this.refused = refused;
        this.passesNanos = passesNanos;
    }

    /** As {@link #passesNanos(QueuedRequest)}, as far as that is sure. */
    long passesForSure(QueuedRequest turn, long nowNanos) {
        Rejected binding = turn.hindrance(refused);
        return isKnown && (binding == null || isSure(binding)) ? passesNanos(turn) : nowNanos;
    }

    /** The first was refused. */
    void refused(Decisions decisions, long passesNanos) {
        refused = decisions;
        this.passesNanos = passesNanos;
        isKnown = true;
    }

    /** Another one is the first now, which may cost less: nothing is known of it. */
    void firstHasChanged(long nowNanos) {
        passesNanos = nowNanos;
        isKnown = false;
    }

    /** When a request that stands in the line, or comes to its end, may pass at the earliest. */
    long passesNanos(QueuedRequest turn) {
        Rejected binding = turn.hindrance(refused);
        if (binding == null) {
            return passesNanos;
        }
        double first = 0;
        double behind = 0;
        boolean isFirst = true;
        for (WaitingRequest other : parked) {
            if (other.turn == turn) {
                break;
            }
            first = isFirst ? other.turn.cost(binding) : first;
            behind += isFirst ? 0 : other.turn.cost(binding);
            isFirst = false;
        }
        return isFirst ? passesNanos : passesNanos + nanos(binding.limit(), first, behind + turn.cost(binding));
    }

    /** How long a limit takes for what stands behind the first: no longer than it surely does. */
    private static long nanos(Limit limit, double first, double behind) {
        double periods = limit instanceof TokenBucket
                ? behind / limit.permits()
                : Math.ceil((first + behind) / limit.permits()) - 1; // A window may open for all of them at once.
        return (long) Math.min(periods * limit.period().toNanos(), FOREVER_NANOS);
    }

    /**
     * Whether nothing but time makes what was refused pass. A share may be larger in a moment, because others leave.
     */
    static boolean isSure(Rejected refusal) {
        return refusal.reason() != Reason.SHARE;
    }

    /** How long to wait before what was refused is asked again. */
    static long waitNanos(@Nullable Rejected refusal) {
        long nanos = refusal == null ? 0 : TimeUnit.MICROSECONDS.toNanos(refusal.retryAfterMicros());
        return Math.min(Math.max(SHORTEST_NANOS, nanos), FOREVER_NANOS);
    }

    /**
     * The rejection of a request that has not asked for itself, derived from the last decisions on the first of this
     * line.
     *
     * @param reason why; null for the same reason
     */
    Decisions rejected(QueuedRequest turn, @Nullable Reason reason, long nowNanos) {
        long waitNanos = Math.max(SHORTEST_NANOS, passesNanos(turn) - nowNanos);
        return turn.rejected(refused, reason, TimeUnit.NANOSECONDS.toMicros(waitNanos));
    }
}
