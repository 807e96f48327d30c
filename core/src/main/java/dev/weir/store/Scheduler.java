package dev.weir.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Time, and work beside the threads of requests. An instance reads its clocks, makes its threads and waits for answers
 * only through one of these. A test can so run whole instances on virtual time, in one thread.
 *
 * <p>Thread-safe.
 */
public interface Scheduler {

    /** A clock that never goes back, as {@link System#nanoTime}: only differences mean anything. */
    long nanoTime();

    /** A clock that starts with what the wall clock shows now, and is carried on by {@link #nanoTime}. */
    MicrosClock clock();

    /**
     * An executor of its own for one kind of work. It drops what it is given after its end, and what was not begun by
     * then.
     *
     * @param name of its threads
     * @param threads the most that run at once; there are none while there is nothing to do
     */
    ScheduledExecutorService worker(String name, int threads);

    /**
     * Waits for an answer.
     *
     * @param nanos how long at most
     * @throws TimeoutException if there is no answer by then
     * @throws ExecutionException if the answer is a failure
     * @throws InterruptedException if the thread is interrupted
     */
    <T> T await(CompletableFuture<T> answer, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException;

    /**
     * Waits until the threads of a worker that is shut down have ended, a second at most. An application server that
     * undeploys an application warns of each that is still there, and while it is, the application's classes are too.
     *
     * @param worker made by {@link #worker}
     */
    static void awaitEnd(ExecutorService worker) {
        try {
            if (worker instanceof ThreadPoolExecutor pool && pool.getThreadFactory() instanceof DaemonThreads threads) {
                threads.join(TimeUnit.SECONDS.toNanos(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The clocks of the system, and daemon threads. */
    static Scheduler system() {
        return SystemScheduler.INSTANCE;
    }
}
