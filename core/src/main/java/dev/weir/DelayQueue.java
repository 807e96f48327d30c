package dev.weir;

import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import dev.weir.store.DaemonThread;
import dev.weir.store.GuardedTask;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
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
 * first when its time is over asks a last time.
 *
 * <p><b>No lost turn.</b> A line that has requests is being asked for, or has a time to ask at: every change of a line
 * sees to that, under one lock. Outcomes are delivered outside of the lock. Thread-safe.
 */
final class DelayQueue {

    static final int MOST_IN_LINE = 256;
    static final int MOST = 4_096;

    /** Threads, of which each asks the store for one line at a time; none if no request waits. */
    private static final int THREADS = 4;

    private static final long KEEP_ALIVE_SECONDS = 10;
    private static final long LONGEST_MILLIS = 1_000;
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);

    /** Asking more often pays nowhere: what comes free meanwhile is there for all that stand behind. */
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Twice that can still be added to a time. */
    private static final long FOREVER_NANOS = Long.MAX_VALUE >> 2;

    private final int mostInLine;
    private final int most;
    private final ScheduledThreadPoolExecutor executor;
    private final Map<QueuedRequest.Place, Line> lines = new HashMap<>();
    private int waiting;
    private boolean isClosed;

    DelayQueue(int mostInLine, int most) {
        this(mostInLine, most, new ScheduledThreadPoolExecutor(THREADS, DaemonThread.named("weir-turns")));
    }

    /** @param executor asks for the first of each line; shut down with this queue */
    DelayQueue(int mostInLine, int most, ScheduledThreadPoolExecutor executor) {
        this.mostInLine = mostInLine;
        this.most = most;
        this.executor = executor;
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
    }

    /** Requests that want the same of the same limits, in the order in which they came. */
    private static final class Line {

        private final QueuedRequest.Place place;
        private final Deque<Parked> parked = new ArrayDeque<>();

        /** The decisions last made on the first, or on the one before it. */
        private Decisions refused;

        /** When the first may pass, as far as is known. */
        private long passesNanos;

        private boolean isAsking;
        private @Nullable Future<?> nextAsk;

        Line(QueuedRequest.Place place, Decisions refused, long passesNanos) {
            this.place = place;
            this.refused = refused;
            this.passesNanos = passesNanos;
        }

        /** As {@link #passesNanos(QueuedRequest)}, as far as that is sure. */
        long passesForSure(QueuedRequest turn) {
            Rejected binding = turn.hindrance(refused);
            return binding == null || isSure(binding) ? passesNanos(turn) : System.nanoTime();
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
            for (Parked other : parked) {
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
    }

    /** A request that waits. */
    private static final class Parked {

        private final QueuedRequest turn;
        private final Line line;
        private final long deadlineNanos;
        private final CompletableFuture<Decisions> answer = new CompletableFuture<>();
        private @Nullable Future<?> end;

        Parked(QueuedRequest turn, Line line, long deadlineNanos) {
            this.turn = turn;
            this.line = line;
            this.deadlineNanos = deadlineNanos;
        }
    }

    /** The outcome of a request: delivered as soon as the lock is free. */
    private record Outcome(Parked parked, Decisions decisions) {

        void deliver() {
            try {
                parked.turn.report();
            } finally {
                parked.answer.complete(decisions);
            }
        }
    }

    /**
     * Decides a request now, if no request stands in line before it and it passes or cannot wait; or else when its turn
     * comes.
     */
    CompletableFuture<Decisions> acquire(QueuedRequest turn) {
        long deadlineNanos = System.nanoTime() + turn.mostNanos();
        Parked parked = joined(turn, null, deadlineNanos);
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
    private @Nullable Parked joined(QueuedRequest turn, @Nullable Decisions refused, long deadlineNanos) {
        Parked parked;
        Outcome outcome;
        synchronized (this) {
            Line line = lines.get(turn.place());
            if (refused == null && (line == null || turn.canNeverPass())) {
                return null;
            }
            if (line == null) {
                Decisions first = Objects.requireNonNull(refused);
                line = new Line(turn.place(), first, System.nanoTime() + nanos(turn.hindrance(first)));
            }
            parked = new Parked(turn, line, deadlineNanos);
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
    private @Nullable Outcome join(Parked parked, boolean isOwnRefusal) {
        Line line = parked.line;
        long nowNanos = System.nanoTime();
        boolean isFull = line.parked.size() >= mostInLine || waiting >= most;
        boolean isInVain = isClosed || line.passesForSure(parked.turn) - parked.deadlineNanos > 0;
        if (isInVain && isOwnRefusal) {
            return new Outcome(parked, line.refused);
        }
        if (isInVain || isFull) {
            return rejected(parked, isInVain ? null : Reason.QUEUE_FULL, nowNanos);
        }
        // Scheduling fails if no thread can be started: nothing stands in the line before it has succeeded.
        parked.end = executor.schedule(() -> end(parked), parked.deadlineNanos - nowNanos, TimeUnit.NANOSECONDS);
        if (line.parked.isEmpty() && !line.isAsking) {
            askIn(line, line.passesNanos - nowNanos);
        }
        lines.put(line.place, line);
        line.parked.add(parked);
        waiting++;
        parked.answer.whenComplete((answer, failure) -> leave(parked)); // Also if its caller cancels it.
        return null;
    }

    private void askIn(Line line, long nanos) {
        if (line.nextAsk != null) {
            line.nextAsk.cancel(false);
        }
        line.nextAsk = executor.schedule(() -> ask(line), Math.min(nanos, LONGEST_NANOS), TimeUnit.NANOSECONDS);
    }

    private static long nanos(@Nullable Rejected refusal) {
        long nanos = refusal == null ? 0 : TimeUnit.MICROSECONDS.toNanos(refusal.retryAfterMicros());
        return Math.min(Math.max(SHORTEST_NANOS, nanos), FOREVER_NANOS);
    }

    /** Asks for the first of a line, on a thread of the executor. */
    private void ask(Line line) {
        Parked first;
        synchronized (this) {
            first = line.parked.peek();
            if (first == null || line.isAsking) {
                return;
            }
            line.isAsking = true;
        }
        Decisions decisions = null;
        try {
            decisions = first.turn.ask();
            Outcome outcome = answered(first, decisions);
            if (outcome != null) {
                outcome.deliver();
            }
        } catch (RuntimeException | Error e) {
            // Its policy or its bucket is gone, perhaps; or no thread can be started for the next request, which then
            // asks
            // when its own time is over. An executor would keep the failure to itself: it is returned to the caller.
            first.answer.completeExceptionally(e);
            if (decisions == null) {
                answered(first, null);
            }
        }
    }

    /** @param decisions null if asking has failed */
    private synchronized @Nullable Outcome answered(Parked first, @Nullable Decisions decisions) {
        Line line = first.line;
        line.isAsking = false;
        Outcome outcome = decisions == null ? null : outcomeOf(first, decisions);
        if (outcome != null || decisions == null) {
            remove(first);
        }
        if (line.parked.peek() != first) {
            // The request that is first now may cost less: nothing is known of it.
            line.passesNanos = System.nanoTime();
        }
        goOn(line);
        return outcome;
    }

    /** The outcome of the first of a line; null if it has to wait on. */
    private @Nullable Outcome outcomeOf(Parked first, Decisions decisions) {
        Rejected binding = first.turn.hindrance(decisions);
        if (binding == null) {
            return new Outcome(first, decisions);
        }
        Line line = first.line;
        long nowNanos = System.nanoTime();
        line.refused = decisions;
        line.passesNanos = nowNanos + nanos(binding);
        boolean isHopeless = isSure(binding) && line.passesNanos - first.deadlineNanos > 0;
        boolean isLate = nowNanos - first.deadlineNanos >= 0 || isHopeless;
        return isLate || isClosed ? new Outcome(first, decisions) : null;
    }

    /**
     * Whether nothing but time makes what was refused pass. A share may be larger in a moment, because others leave.
     */
    private static boolean isSure(Rejected refusal) {
        return refusal.reason() != Reason.SHARE;
    }

    /** Sees to it that a line is asked for, or forgotten. */
    private void goOn(Line line) {
        if (line.parked.isEmpty()) {
            lines.remove(line.place, line);
            if (line.nextAsk != null) {
                line.nextAsk.cancel(false);
            }
        } else if (!line.isAsking && !isClosed) {
            askIn(line, line.passesNanos - System.nanoTime());
        }
    }

    /** Takes a request out of its line, wherever it stands. */
    private void remove(Parked parked) {
        if (parked.line.parked.remove(parked)) {
            waiting--;
            if (parked.end != null) {
                parked.end.cancel(false);
            }
        }
    }

    private synchronized void leave(Parked parked) {
        Line line = parked.line;
        if (line.parked.peek() == parked) {
            line.passesNanos = System.nanoTime();
            remove(parked);
            goOn(line);
        } else {
            remove(parked);
        }
    }

    /** The time of a request is over. */
    private void end(Parked parked) {
        Outcome outcome;
        synchronized (this) {
            Line line = parked.line;
            if (line.parked.peek() == parked) {
                if (!line.isAsking && !isClosed) {
                    askIn(line, 0);
                }
                return;
            }
            if (!line.parked.contains(parked)) {
                return;
            }
            outcome = rejected(parked, null, System.nanoTime());
            remove(parked);
        }
        outcome.deliver();
    }

    /**
     * A rejection of a request that has not asked for itself, derived from the last decisions on the first of its line.
     */
    private static Outcome rejected(Parked parked, @Nullable Reason reason, long nowNanos) {
        Line line = parked.line;
        long waitNanos = Math.max(SHORTEST_NANOS, line.passesNanos(parked.turn) - nowNanos);
        return new Outcome(
                parked, parked.turn.rejected(line.refused, reason, TimeUnit.NANOSECONDS.toMicros(waitNanos)));
    }

    /** Requests that wait now. */
    synchronized int size() {
        return waiting;
    }

    /** Rejects all queued requests, and queues no more. */
    void drain() {
        List<Outcome> all = new ArrayList<>();
        synchronized (this) {
            isClosed = true;
            for (Line line : List.copyOf(lines.values())) {
                all.addAll(drained(line));
            }
        }
        executor.shutdown();
        all.forEach(
                // One outcome must not hold up the next.
                outcome -> new GuardedTask("draining the queue", outcome::deliver).run());
    }

    /** A request that is being asked for gets the outcome of that. */
    private List<Outcome> drained(Line line) {
        List<Outcome> outcomes = new ArrayList<>();
        Iterator<Parked> parked = line.parked.iterator();
        if (line.isAsking && parked.hasNext()) {
            parked.next();
        }
        parked.forEachRemaining(each -> outcomes.add(new Outcome(
                each, each.turn.rejected(line.refused, Reason.STORE_UNAVAILABLE, StoreGuard.RETRY_AFTER_MICROS))));
        outcomes.forEach(each -> remove(each.parked()));
        goOn(line);
        return outcomes;
    }
}
