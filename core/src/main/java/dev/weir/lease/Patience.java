package dev.weir.lease;

import dev.weir.store.Scheduler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Waits for what another request's call brings: not for long, and without a thread. Thread-safe. */
final class Patience {

    /** How long, where the store is near: longer than a round trip. */
    static final long USUAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long at most, however far the store is. */
    static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ScheduledExecutorService worker;

    Patience(Scheduler scheduler) {
        this.worker = scheduler.worker("weir-lease-reviews", 1);
    }

    /** Completes with what is awaited, however that ends, or when that takes longer than {@code nanos}. */
    CompletableFuture<Boolean> doneOrLate(CompletableFuture<?> awaited, long nanos) {
        CompletableFuture<Boolean> done = awaited.handle((result, failure) -> true);
        if (!done.isDone()) {
            Future<?> late = worker.schedule(() -> done.complete(false), nanos, TimeUnit.NANOSECONDS);
            done.whenComplete((result, failure) -> late.cancel(false));
        }
        return done;
    }

    /** Does something after so long. */
    void after(long nanos, Runnable work) {
        worker.schedule(work, nanos, TimeUnit.NANOSECONDS);
    }

    /** What still waits is dropped; work that has begun is not interrupted. */
    void close() {
        worker.shutdown();
        Scheduler.awaitEnd(worker);
    }
}
