package dev.weir.redisson;

import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.StoreReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls to one destination leave together.
 *
 * <pre>
 *   ask --> leaves at once, alone                      while fewer than {@value #IN_FLIGHT} batches are under way
 *   ask --> waits --\
 *   ask --> waits ---+--> leave together               as soon as one of them is answered
 *   ask --> waits --/
 * </pre>
 *
 * No call waits for another: what makes a batch is only that the others arrived while the wire was busy. So it grows
 * with the load, and there is none where there is no load.
 *
 * <p><b>Assumptions.</b> The wire takes a batch without blocking, never sends one twice, and always answers in the end.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>Every future completes: with its own answer, with its own failure, or with the failure of its batch.
 *   <li>A call is in one batch at most. If it is cancelled before it has left, it is in none; after that, whether it
 *       was made is unknown.
 *   <li>Calls leave in the order in which they came; but those that a request waits for leave first, and those for
 *       leases in the background in the room that they leave, or in {@value #KEPT} places of each batch. A batch holds
 *       at most {@value #MOST}.
 *   <li>Whatever the wire throws, an {@link Error} included, fails that batch alone: its place is free again.
 *   <li>A batch that is not answered within {@link #HELD} holds up no call any more: the next leaves without it.
 * </ul>
 *
 * Thread-safe. The lock is held while a batch is taken off the queue, and never while it is sent or answered.
 */
final class Batcher<C extends Batcher.Batched> {

    /** A call that may leave with others. */
    interface Batched {

        /** Whether no request waits for it. */
        boolean isBackground();
    }

    /**
     * The most calls in a batch: Redis decides so many in about half a millisecond, for which all others wait.
     * Measured, 16 are slower, and 256 hardly faster.
     */
    static final int MOST = 64;

    /**
     * Of these, what is kept for calls in the background: leases that are not renewed under load would make more of it.
     */
    static final int KEPT = 8;

    /**
     * While Redis decides one, the next is on its way. Measured, 1 lets Redis wait for the wire, and 4 only makes
     * batches smaller.
     */
    static final int IN_FLIGHT = 2;

    /** Many times a round trip, and half of the least that a request waits for a store by default. */
    static final Duration HELD = Duration.ofMillis(25);

    private final Function<List<C>, CompletableFuture<List<Reply>>> wire;
    private final ScheduledExecutorService timer;
    private final long heldMillis;

    /** A list of links: an array that cannot grow for want of memory would lose what is in it. */
    private final Queue<Waiting<C>> queue = new LinkedList<>();

    /** Calls that no request waits for. */
    private final Queue<Waiting<C>> background = new LinkedList<>();

    private int inFlight;

    private record Waiting<C>(C call, CompletableFuture<StoreReply> answer) {

        /** @param place the call's in its batch */
        void answer(int place, @Nullable List<Reply> replies, @Nullable Throwable failure) {
            try {
                if (replies == null) {
                    fail(failure == null ? new IllegalStateException("no answer") : failure);
                } else {
                    answer.complete(replies.get(place).answer());
                }
            } catch (Throwable e) {
                fail(e);
            }
        }

        void fail(Throwable failure) {
            try {
                answer.completeExceptionally(RedisFailure.of(failure));
            } catch (Throwable e) { // Without memory for words. The calls behind this one must be answered too.
                answer.completeExceptionally(failure);
            }
        }
    }

    /**
     * @param wire sends calls together; one answer per call, in the same order
     * @param timer on whose thread the next batch leaves if one is not answered
     */
    Batcher(Function<List<C>, CompletableFuture<List<Reply>>> wire, ScheduledExecutorService timer) {
        this(wire, timer, HELD);
    }

    /** @param held how long a batch that is not answered holds up others */
    Batcher(Function<List<C>, CompletableFuture<List<Reply>>> wire, ScheduledExecutorService timer, Duration held) {
        this.wire = wire;
        this.timer = timer;
        this.heldMillis = held.toMillis();
    }

    /** Makes a call, with others or alone. */
    CompletableFuture<StoreReply> ask(C call) {
        Waiting<C> waiting = new Waiting<>(call, new CompletableFuture<>());
        synchronized (queue) {
            (call.isBackground() ? background : queue).add(waiting);
        }
        try {
            leave();
        } catch (Throwable e) {
            waiting.fail(e); // It is left out when the queue is next emptied.
        }
        return waiting.answer;
    }

    /** A loop and no recursion: where each batch fails at once, the stack would grow with each. */
    private void leave() {
        for (Batch batch = next(); batch != null; batch = next()) {
            try {
                batch.leave();
            } catch (Throwable e) { // An Error as well: its place must be free again, and its calls must be answered.
                batch.end(null, e);
            } finally {
                batch.isLeaving = false;
            }
        }
    }

    /** An empty batch that holds a place on the wire; null if all places are held, or no call waits. */
    private @Nullable Batch next() {
        synchronized (queue) {
            if (inFlight == IN_FLIGHT || queue.isEmpty() && background.isEmpty()) {
                return null;
            }
            Batch batch = new Batch();
            inFlight++;
            return batch;
        }
    }

    /** Calls that leave together, and the place on the wire that they hold until they are answered. */
    private final class Batch {

        /** It never grows: a call that was taken off the queue is not lost for want of memory. */
        private final List<Waiting<C>> calls = new ArrayList<>(MOST);

        /** Whether {@link Batcher#leave()} goes on by itself when this one is on its way. */
        private volatile boolean isLeaving = true;

        private boolean isFree;

        void leave() {
            fill();
            if (calls.isEmpty()) {
                free();
                return;
            }
            CompletableFuture<List<Reply>> sent =
                    wire.apply(calls.stream().map(Waiting::call).toList());
            sent.whenComplete(this::end);
            if (!sent.isDone()) {
                ScheduledFuture<?> held = timer.schedule(this::free, heldMillis, TimeUnit.MILLISECONDS);
                sent.whenComplete((replies, failure) -> held.cancel(false));
            }
        }

        private void fill() {
            synchronized (queue) {
                take(queue, background.isEmpty() ? MOST : MOST - KEPT);
                take(background, MOST);
                take(queue, MOST);
            }
        }

        private void take(Queue<Waiting<C>> from, int most) {
            while (calls.size() < most && !from.isEmpty()) {
                Waiting<C> waiting = from.remove();
                if (!waiting.answer.isDone()) {
                    calls.add(waiting);
                }
            }
        }

        /** The next batch leaves before the answers are given out, which may take longer than a round trip. */
        void end(@Nullable List<Reply> replies, @Nullable Throwable failure) {
            try {
                free();
            } finally {
                for (int i = 0; i < calls.size(); i++) {
                    calls.get(i).answer(i, replies, failure);
                }
            }
        }

        private void free() {
            synchronized (queue) {
                if (isFree) {
                    return;
                }
                isFree = true;
                inFlight--;
            }
            if (!isLeaving) {
                Batcher.this.leave();
            }
        }
    }
}
