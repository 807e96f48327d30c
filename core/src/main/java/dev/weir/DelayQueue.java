package dev.weir;

import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Reason;
import dev.weir.store.GuardedTask;
import dev.weir.store.Scheduler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests of this instance that wait for their turn, without a thread.
 *
 * <pre>
 *   line of alice, under "report":   first --- second --- third      only the first asks, the others wait behind it
 *   line of bob, under "report":     first                           lines know nothing of each other
 * </pre>
 *
 * <p><b>Order.</b> Requests of one client that wait for the same policies stand in one line: first come, first served.
 * The first asks like any other request, when the store has said that it is worth asking, and nothing is charged before
 * it passes. So the store alone decides whose turn it is among clients and instances, and a request that gives up, or
 * whose instance dies, has taken nothing (unless it was just being permitted).
 *
 * <p><b>When it asks.</b> The first asks after the wait that the refusal stated, for earlier nothing changes by time;
 * but within {@value #LONGEST_MILLIS} ms, for a limit may be raised, and permits may be given back. A request that
 * becomes the first because the one before it has passed or gone asks at once.
 *
 * <p><b>Bounds.</b> A line and all lines together are bounded in number, and each wait in time. A request that would
 * certainly wait too long, by what stands before it and the limit's rate, is rejected when it comes. A request that is
 * first when its time is over asks a last time, if that begins within {@value #GRACE_MILLIS} ms: the threads may have
 * more to ask for than they can.
 *
 * <p><b>No lost turn.</b> A line that has requests is being asked for, or has a time to ask at: every change of a line
 * sees to that, under one lock. Outcomes are delivered outside of the lock. Thread-safe.
 */
final class DelayQueue {

    static final int MOST_IN_LINE = 256;
    static final int MOST = 4_096;

    /** Threads, of which each asks the store for one line at a time; none if no request waits. */
    private static final int THREADS = 4;

    private static final long GRACE_MILLIS = 20;
    private static final long LONGEST_MILLIS = 1_000;
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);

    private final int mostInLine;
    private final int most;
    private final Scheduler scheduler;
    private final ScheduledExecutorService worker;

    /** Ends waits that are over, however much the others have to ask for. */
    private final ScheduledExecutorService ends;

    private final Map<QueuedRequest.Place, WaitingLine> lines = new HashMap<>();
    private int waiting;
    private boolean isClosed;

    DelayQueue(int mostInLine, int most, Scheduler scheduler) {
        this.mostInLine = mostInLine;
        this.most = most;
        this.scheduler = scheduler;
        this.worker = scheduler.worker("weir-turns", THREADS);
        this.ends = scheduler.worker("weir-turns-end", 1);
    }

    /**
     * Decides a request now, if no request stands in line before it and it passes or cannot wait; or else when its turn
     * comes.
     */
    CompletableFuture<Decisions> acquire(QueuedRequest turn) {
        long deadlineNanos = scheduler.nanoTime() + turn.mostNanos();
        WaitingRequest parked = joined(turn, null, deadlineNanos);
        if (parked != null) {
            return parked.answer;
        }
        Decisions first = turn.ask();
        if (turn.hindrance(first) == null) {
            turn.report();
            return CompletableFuture.completedFuture(first);
        }
        return Objects.requireNonNull(joined(turn, first, deadlineNanos)).answer;
    }

    /**
     * Puts a request at the end of its line, or rejects it.
     *
     * @param refused the decisions on it; null if it has not asked
     * @return null if it has first to ask: no request stands before it, or it is so large that it need not wait to be
     *     refused
     */
    private @Nullable WaitingRequest joined(QueuedRequest turn, @Nullable Decisions refused, long deadlineNanos) {
        WaitingRequest parked;
        Delivery outcome;
        synchronized (this) {
            WaitingLine line = lines.get(turn.place());
            if (refused == null && (line == null || turn.canNeverPass())) {
                return null;
            }
            if (line == null) {
                Decisions first = Objects.requireNonNull(refused);
                line = new WaitingLine(
                        turn.place(), first, scheduler.nanoTime() + WaitingLine.waitNanos(turn.hindrance(first)));
            }
            parked = new WaitingRequest(turn, line, deadlineNanos);
            boolean isOwnRefusal = line.refused == refused;
            outcome = join(parked, isOwnRefusal);
        }
        if (outcome != null) {
            outcome.deliver();
        }
        return parked;
    }

    /**
     * @param isOwnRefusal whether the last refusal of the line was of this very request
     * @return its outcome if it is rejected; null if it waits
     */
    private @Nullable Delivery join(WaitingRequest parked, boolean isOwnRefusal) {
        WaitingLine line = parked.line;
        long nowNanos = scheduler.nanoTime();
        boolean isFull = line.parked.size() >= mostInLine || waiting >= most;
        boolean isInVain = isClosed || line.passesForSure(parked.turn, nowNanos) - parked.deadlineNanos > 0;
        if (isInVain && isOwnRefusal) {
            return new Delivery(parked, line.refused);
        }
        if (isInVain || isFull) {
            return rejected(parked, isInVain ? null : Reason.QUEUE_FULL, nowNanos);
        }
        // Scheduling fails if no thread can be started: nothing stands in the line before it has succeeded.
        parked.end = ends.schedule(() -> end(parked), parked.deadlineNanos - nowNanos, TimeUnit.NANOSECONDS);
        if (line.parked.isEmpty() && line.asking == null) {
            askIn(line, line.passesNanos - nowNanos);
        }
        lines.put(line.place, line);
        line.parked.add(parked);
        waiting++;
        parked.answer.whenComplete((answer, failure) -> leave(parked)); // Also if its caller cancels it.
        return null;
    }

    private void askIn(WaitingLine line, long nanos) {
        if (line.nextAsk != null) {
            line.nextAsk.cancel(false);
        }
        line.nextAsk = worker.schedule(() -> ask(line), Math.min(nanos, LONGEST_NANOS), TimeUnit.NANOSECONDS);
    }

    /** Asks for the first of a line, on a thread of the worker. */
    private void ask(WaitingLine line) {
        WaitingRequest first;
        synchronized (this) {
            first = line.parked.peek();
            if (first == null || line.asking != null) {
                return;
            }
            line.asking = first;
        }
        Decisions decisions = null;
        try {
            decisions = first.turn.ask();
            Delivery outcome = answered(first, decisions);
            if (outcome != null) {
                outcome.deliver();
            }
        } catch (RuntimeException | Error e) {
            // Its policy or its bucket is gone, perhaps; or no thread can be started for the next request, which then
            // asks when its own time is over. A worker would keep the failure to itself: it is returned to the caller.
            first.answer.completeExceptionally(e);
            if (decisions == null) {
                answered(first, null);
            }
        }
    }

    /** @param decisions null if asking has failed */
    private synchronized @Nullable Delivery answered(WaitingRequest first, @Nullable Decisions decisions) {
        WaitingLine line = first.line;
        line.asking = null;
        Delivery outcome = decisions == null ? null : outcomeOf(first, decisions);
        if (outcome != null || decisions == null) {
            remove(first);
        }
        if (line.parked.peek() != first) {
            line.firstHasChanged(scheduler.nanoTime());
        }
        goOn(line);
        return outcome;
    }

    /** The outcome of the first of a line; null if it has to wait on. */
    private @Nullable Delivery outcomeOf(WaitingRequest first, Decisions decisions) {
        Rejected binding = first.turn.hindrance(decisions);
        if (binding == null) {
            return new Delivery(first, decisions);
        }
        WaitingLine line = first.line;
        long nowNanos = scheduler.nanoTime();
        line.refused(decisions, nowNanos + WaitingLine.waitNanos(binding));
        boolean isHopeless = WaitingLine.isSure(binding) && line.passesNanos - first.deadlineNanos > 0;
        boolean isLate = nowNanos - first.deadlineNanos >= 0 || isHopeless;
        return isLate || isClosed ? new Delivery(first, decisions) : null;
    }

    /** Sees to it that a line is asked for, or forgotten. */
    private void goOn(WaitingLine line) {
        if (line.parked.isEmpty()) {
            lines.remove(line.place, line);
            if (line.nextAsk != null) {
                line.nextAsk.cancel(false);
            }
        } else if (line.asking == null && !isClosed) {
            askIn(line, line.passesNanos - scheduler.nanoTime());
        }
    }

    /** Takes a request out of its line, wherever it stands. */
    private void remove(WaitingRequest parked) {
        if (parked.line.parked.remove(parked)) {
            waiting--;
            if (parked.end != null) {
                parked.end.cancel(false);
            }
        }
    }

    private synchronized void leave(WaitingRequest parked) {
        boolean wasFirst = parked.line.parked.peek() == parked;
        remove(parked);
        goOnWithout(parked.line, wasFirst);
    }

    /** The time of a request is over. */
    private void end(WaitingRequest parked) {
        WaitingLine line = parked.line;
        Delivery outcome;
        boolean wasFirst;
        synchronized (this) {
            if (line.asking == parked || !line.parked.contains(parked)) {
                return; // It gets the outcome of that, or has one.
            }
            wasFirst = line.parked.peek() == parked;
            if (wasFirst && !parked.isLate) {
                askALastTime(parked);
                return;
            }
            outcome = rejected(parked, null, scheduler.nanoTime());
            remove(parked);
        }
        try {
            outcome.deliver();
        } finally { // Fails if no thread can be started: then the next request asks when its own time is over.
            goOnWithout(line, wasFirst);
        }
    }

    /** @param wasFirst whether the request that has left the line was the first */
    private synchronized void goOnWithout(WaitingLine line, boolean wasFirst) {
        if (wasFirst) {
            line.firstHasChanged(scheduler.nanoTime());
            goOn(line);
        }
    }

    private void askALastTime(WaitingRequest first) {
        first.isLate = true;
        first.end = ends.schedule(() -> end(first), GRACE_MILLIS, TimeUnit.MILLISECONDS);
        if (first.line.asking == null) {
            askIn(first.line, 0);
        }
    }

    private static Delivery rejected(WaitingRequest parked, @Nullable Reason reason, long nowNanos) {
        return new Delivery(parked, parked.line.rejected(parked.turn, reason, nowNanos));
    }

    /** Requests that wait now. */
    synchronized int size() {
        return waiting;
    }

    /** Rejects all queued requests, and queues no more. */
    void drain() {
        List<Delivery> all = new ArrayList<>();
        synchronized (this) {
            isClosed = true;
            for (WaitingLine line : List.copyOf(lines.values())) {
                all.addAll(drained(line));
            }
        }
        worker.shutdown();
        ends.shutdown();
        all.forEach(
                // One outcome must not hold up the next.
                outcome -> new GuardedTask("draining the queue", outcome::deliver).run());
        Scheduler.awaitEnd(worker);
        Scheduler.awaitEnd(ends);
    }

    /** A request that is being asked for gets the outcome of that. */
    private List<Delivery> drained(WaitingLine line) {
        List<Delivery> outcomes = new ArrayList<>();
        for (WaitingRequest each : line.parked) {
            if (each != line.asking) {
                outcomes.add(new Delivery(
                        each,
                        each.turn.rejected(line.refused, Reason.STORE_UNAVAILABLE, OnStoreFailure.RETRY_AFTER_MICROS)));
            }
        }
        outcomes.forEach(each -> remove(each.parked()));
        goOn(line);
        return outcomes;
    }
}
