package dev.weir;

import dev.weir.store.GuardedCall;
import dev.weir.store.LimiterListener;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Waits for answers of the store, and reports to the listener how long each took. Thread-safe. */
final class StoreCalls implements AutoCloseable {

    private final Scheduler scheduler;
    private final LimiterListener listener;
    private volatile boolean isClosed;

    StoreCalls(Scheduler scheduler, LimiterListener listener) {
        this.scheduler = scheduler;
        this.listener = listener;
    }

    /**
     * Makes a call, and waits for its answer. A call that takes too long is cancelled.
     *
     * @throws StoreException if it fails, or there is no answer in time
     */
    <T> T answer(Supplier<CompletableFuture<T>> call, long waitNanos) {
        long startNanos = scheduler.nanoTime();
        CompletableFuture<T> future = GuardedCall.started(call);
        try {
            T answer = scheduler.await(future, waitNanos);
            listener.onStoreAnswer(scheduler.nanoTime() - startNanos);
            return answer;
        } catch (InterruptedException | TimeoutException | ExecutionException | CancellationException e) {
            future.cancel(true);
            StoreException failure = failure(e, waitNanos);
            if (!isClosed) { // What a close has cut off is no failure of the store.
                listener.onStoreFailure(failure.kind(), scheduler.nanoTime() - startNanos);
            }
            throw failure;
        }
    }

    private static StoreException failure(Exception e, long waitNanos) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new StoreException(Kind.ERROR, "interrupted while waiting for the store", e);
        }
        if (e instanceof TimeoutException) {
            return new StoreException(
                    Kind.TIMEOUT, "no answer within %d ms".formatted(TimeUnit.NANOSECONDS.toMillis(waitNanos)), e);
        }
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause instanceof StoreException known
                ? known
                : new StoreException(Kind.ERROR, String.valueOf(cause), cause);
    }

    /** Failures are not reported any more. */
    @Override
    public void close() {
        isClosed = true;
    }
}
