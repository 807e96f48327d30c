package dev.weir.redisson;

import dev.weir.Answer;
import dev.weir.redisson.AcquireCall.Reply;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

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
 * Nobody waits for company: what makes a batch is only that the others arrived while the wire was busy. So it grows with
 * the load, and there is none where there is no load.
 *
 * <p><b>Assumptions.</b> The wire takes a batch without blocking, never sends one twice, and always answers in the end.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>Every future completes: with its own answer, with its own failure, or with the failure of its batch.
 *   <li>A call is in one batch at most. If it is cancelled before it has left, it is in none; after that, whether it was
 *       made is unknown.
 *   <li>Calls leave in the order in which they came; but those that a request waits for leave first, and those for leases in the
 *       background in the room that they leave, or in {@value #KEPT} places of each batch. A batch holds at most {@value #MOST}.
 *   <li>A batch that is not answered within {@link #HELD} holds up nobody any more: the next leaves without it.
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
     * The most calls in a batch: Redis decides so many in about half a millisecond, for which all others wait. Measured, 16 are
     * slower, and 256 hardly faster.
     */
    static final int MOST = 64;

    /** Of these, what is kept for calls in the background: leases that are not renewed under load would make more of it. */
    static final int KEPT = 8;

    /** While Redis decides one, the next is on its way. Measured, 1 lets Redis wait for the wire, and 4 only makes batches smaller. */
    static final int IN_FLIGHT = 2;

    /** Many times a round trip, and half of the least that a request waits for a store by default. */
    static final Duration HELD = Duration.ofMillis(25);

    private final Function<List<C>, CompletableFuture<List<Reply>>> wire;
    private final Queue<Waiting<C>> queue = new ArrayDeque<>();

    /** Calls that no request waits for. */
    private final Queue<Waiting<C>> background = new ArrayDeque<>();

    private int inFlight;

    private record Waiting<C>(C call, CompletableFuture<Answer> answer) {}

    /** @param wire sends calls together; one answer per call, in the same order */
    Batcher(Function<List<C>, CompletableFuture<List<Reply>>> wire) {
        this.wire = wire;
    }

    /** Makes a call, with others or alone. */
    CompletableFuture<Answer> ask(C call) {
        Waiting<C> waiting = new Waiting<>(call, new CompletableFuture<>());
        synchronized (queue) {
            (call.isBackground() ? background : queue).add(waiting);
        }
        leave();
        return waiting.answer;
    }

    private void leave() {
        for (List<Waiting<C>> batch = next(); !batch.isEmpty(); batch = next()) {
            CompletableFuture<Void> held = send(batch);
            if (held.isDone()) {
                free(); // Not by a call from there: where no batch can leave, the stack would grow with each.
            } else {
                held.thenRun(() -> {
                    free();
                    leave();
                });
            }
        }
    }

    /** The calls that leave now; none if too many batches are under way. */
    private List<Waiting<C>> next() {
        List<Waiting<C>> batch = new ArrayList<>();
        synchronized (queue) {
            if (inFlight < IN_FLIGHT) {
                take(queue, batch, background.isEmpty() ? MOST : MOST - KEPT);
                take(background, batch, MOST);
                take(queue, batch, MOST);
            }
            if (!batch.isEmpty()) {
                inFlight++;
            }
        }
        return batch;
    }

    private void take(Queue<Waiting<C>> from, List<Waiting<C>> batch, int most) {
        while (batch.size() < most && !from.isEmpty()) {
            Waiting<C> waiting = from.remove();
            if (!waiting.answer.isDone()) {
                batch.add(waiting);
            }
        }
    }

    private void free() {
        synchronized (queue) {
            inFlight--;
        }
    }

    /** Completes when the next batch may leave: before the answers are given out, which may take longer than a round trip. */
    private CompletableFuture<Void> send(List<Waiting<C>> batch) {
        CompletableFuture<List<Reply>> sent;
        try {
            sent = wire.apply(batch.stream().map(Waiting::call).toList());
        } catch (RuntimeException e) {
            sent = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Void> held = new CompletableFuture<>();
        sent.whenComplete((replies, failure) -> {
            held.complete(null);
            for (int i = 0; i < batch.size(); i++) {
                CompletableFuture<Answer> waiting = batch.get(i).answer;
                try {
                    if (failure == null) {
                        waiting.complete(replies.get(i).answer());
                    } else {
                        waiting.completeExceptionally(RedisFailure.of(failure));
                    }
                } catch (RuntimeException e) {
                    waiting.completeExceptionally(RedisFailure.of(e));
                }
            }
        });
        return held.completeOnTimeout(null, HELD.toMillis(), TimeUnit.MILLISECONDS);
    }
}
