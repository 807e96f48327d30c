package dev.weir;

import dev.weir.limit.Exact;
import dev.weir.limit.FixedWindow;
import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.store.Charge;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What one client has really been admitted of one limit, by one true meter that sees each admission when it is made;
 * and by how much the store may know less than that.
 *
 * <p>The store's own meter must never be below the true one, or it permits what has been taken already: that is the
 * invariant from which the limit follows. It may be below by what faults cost, as they are promised to, and by what the
 * instances owe.
 */
final class ClusterLedger {

    private @Nullable State truth;

    /** In whose numbers it is counted. */
    private @Nullable Limit limit;

    /** What the store will not learn, as promised. */
    private long lost;

    /** What was lost of a window's permits, the oldest first. */
    private final Queue<Loss> losses = new ArrayDeque<>();

    private record Loss(long permits, long untilMicros) {}

    /** What an instance whose clock is ahead no longer owes, and the store still counts. */
    private final List<Early> forgottenEarly = new ArrayList<>();

    private record Early(long permits, long fromMicros, long untilMicros) {}

    /** Admitted by clocks of instances, as far as that is not yet in what is lost. */
    private long byInstances;

    /** What it will be charged: what instances have admitted while it was away for all of them. */
    private long owed;

    /** Until when permits may be in hand that the store has forgotten. */
    private long forgottenUntilMicros;

    void admitted(Limit by, long cost, long nowMicros) {
        Meter meter = by.meter();
        truth = meter.owing(meter.advance(truth, nowMicros), nowMicros, cost);
        limit = by;
    }

    /** Goes over to the numbers of another limit, with as much in use, rounded up: a window's use keeps its times. */
    void goOver(Limit to, long nowMicros) {
        Meter meter = to.meter();
        if (to instanceof TokenBucket) {
            long used = used(nowMicros);
            truth = used == 0 ? null : meter.owing(meter.advance(null, nowMicros), nowMicros, used);
        } else {
            truth = truth == null ? null : meter.advance(truth, nowMicros);
        }
        limit = to;
        lost(1);
    }

    /**
     * The store was charged what an instance owes, by the numbers by which that has admitted it: it drains by them
     * until its next decision, if they are larger than those in force.
     */
    void wasCharged(Limit by, long nowMicros) {
        Limit now = limit;
        if (now != null && by.permits() > now.permits()) {
            goOver(by, nowMicros);
        }
    }

    void lost(long permits) {
        lost = Math.max(0, lost + permits);
    }

    /** So many permits were admitted by the clock of an instance. */
    void drifts(long permits) {
        byInstances += permits;
        lost += byInstances / ClusterJudge.DRIFT_PARTS;
        byInstances %= ClusterJudge.DRIFT_PARTS;
    }

    /** @param hereMicros on the clock of the instance that owes it */
    void owed(Charge charge, long hereMicros, long nowMicros) {
        if (charge.limit() instanceof FixedWindow window) {
            owedInWindow(charge.cost(), Exact.micros(window.period()), hereMicros, nowMicros);
        } else {
            owed += charge.cost();
        }
    }

    /** An instance forgets its debt when the window ends by its own clock; the store counts by another. */
    private void owedInWindow(long permits, long periodMicros, long hereMicros, long nowMicros) {
        if (hereMicros / periodMicros < nowMicros / periodMicros) {
            lost(permits);
            return;
        }
        owed += permits;
        long leftMicros = periodMicros - hereMicros % periodMicros;
        long fromMicros = nowMicros + leftMicros - leftMicros / ClusterJudge.DRIFT_PARTS;
        long untilMicros = (nowMicros / periodMicros + 1) * periodMicros;
        if (fromMicros < untilMicros) {
            forgottenEarly.add(new Early(permits, fromMicros, untilMicros));
        }
    }

    boolean isOwed() {
        return owed > 0;
    }

    void forgotten(long untilMicros) {
        forgottenUntilMicros = untilMicros;
    }

    private long forgottenEarly(long nowMicros) {
        forgottenEarly.removeIf(early -> early.untilMicros() <= nowMicros);
        return forgottenEarly.stream()
                .filter(early -> early.fromMicros() <= nowMicros)
                .mapToLong(Early::permits)
                .sum();
    }

    /** Nothing is owed any more, and no message is under way that could change that. */
    void settled() {
        owed = 0;
    }

    void owedIsLost() {
        lost += owed;
        owed = 0;
    }

    private long used(long nowMicros) {
        State state = truth;
        return state == null ? 0 : state.permitsUsed(nowMicros);
    }

    /** By how many permits the store knows less than it may; 0 or less if all is well. */
    long missing(long usedAtStore, long nowMicros) {
        return used(nowMicros) - usedAtStore - lost - owed - forgottenEarly(nowMicros);
    }

    /** What was lost and has drained since is not lost for ever: from now on only what is really missing is allowed. */
    void tighten(long usedAtStore, long nowMicros) {
        if (owed > 0 || nowMicros <= forgottenUntilMicros || limit == null) {
            return;
        }
        if (limit instanceof TokenBucket) {
            // Both are rounded up to a whole permit.
            lost = Math.min(lost, Math.max(0, used(nowMicros) - usedAtStore + 1));
        } else {
            tightenWindow(Exact.micros(limit.period()), nowMicros);
        }
    }

    /**
     * In a window each permit has an end of its own: what the store knows more of now does not make up for what it
     * knows less of later. So what was lost is allowed until two windows later, when none of it counts any more.
     */
    private void tightenWindow(long periodMicros, long nowMicros) {
        long more = lost - losses.stream().mapToLong(Loss::permits).sum();
        if (more > 0) {
            losses.add(new Loss(more, nowMicros + 2 * periodMicros));
        }
        while (!losses.isEmpty() && losses.peek().untilMicros() < nowMicros) {
            lost(-losses.remove().permits());
        }
    }

    @Override
    public String toString() {
        return "lost %d, owed %d, %s".formatted(lost, owed, truth);
    }
}
