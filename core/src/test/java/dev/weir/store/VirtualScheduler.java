package dev.weir.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time in one thread: tasks run when the thread that owns this lets time pass, in the order of their times, and
 * a thread that waits for an answer lets time pass until it is there. Of one thread; two runs of one program are the
 * same.
 */
public final class VirtualScheduler implements Scheduler {

    /** What the wall clock shows at the start. */
    public static final long ORIGIN_MICROS = 1_700_000_000_000_000L;

    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>();
    private long nowNanos;
    private long made;

    /** How many tasks have run. */
    public long steps;

    /** Of the tasks that have run, and when. */
    public long digest;

    /** What the first task threw that has failed; null if none has. */
    public @Nullable Throwable failure;

    /** Whether no thread can be started: then nothing can be scheduled. */
    public boolean isExhausted;

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public MicrosClock clock() {
        return () -> ORIGIN_MICROS + nowNanos / 1_000;
    }

    @Override
    public ScheduledExecutorService worker(String name, int threads) {
        return new Worker(threads);
    }

    /**
     * Lets time pass, and runs what is due in it. A task that waits meanwhile does not hold up the caller: to it, time
     * goes on from where it should be, so that what has run seems to come from later.
     */
    public void advance(long nanos) {
        long endNanos = nowNanos + nanos;
        runUntil(endNanos);
        nowNanos = endNanos;
    }

    /** As {@link #advance}, but time never goes back: a task that waits for longer holds up the caller. */
    public void pass(long nanos) {
        long endNanos = nowNanos + nanos;
        runUntil(endNanos);
        nowNanos = Math.max(nowNanos, endNanos);
    }

    private void runUntil(long endNanos) {
        while (runNext(endNanos)) {}
    }

    @Override
    public <T> T await(CompletableFuture<T> answer, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        long endNanos = nowNanos + nanos;
        while (!answer.isDone()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (!runNext(endNanos)) {
                nowNanos = Math.max(nowNanos, endNanos); // A task that waited meanwhile may have waited for longer.
                throw new TimeoutException();
            }
        }
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw new ExecutionException(e.getCause());
        }
    }

    /** @return whether there was a task that is due by then and whose worker has a thread for it */
    private boolean runNext(long endNanos) {
        List<Task<?>> busy = new ArrayList<>();
        Task<?> next = tasks.poll();
        while (next != null && next.worker.running == next.worker.threads) {
            busy.add(next);
            next = tasks.poll();
        }
        tasks.addAll(busy);
        if (next == null || next.atNanos > endNanos) {
            if (next != null) {
                tasks.add(next);
            }
            return false;
        }
        nowNanos = Math.max(nowNanos, next.atNanos);
        steps++;
        digest = 31 * (31 * digest + next.number) + nowNanos;
        next.run();
        return true;
    }

    private final class Task<V> extends CompletableFuture<V> implements ScheduledFuture<V> {

        private static final Comparator<Task<?>> ORDER =
                Comparator.<Task<?>>comparingLong(task -> task.atNanos).thenComparingLong(task -> task.number);

        private final Worker worker;
        private final Callable<V> work;
        private final long everyNanos;
        private final long number = made++;
        private long atNanos;

        /** @param everyNanos 0 if it runs once */
        Task(Worker worker, Callable<V> work, long delayNanos, long everyNanos) {
            this.worker = worker;
            this.work = work;
            this.everyNanos = everyNanos;
            this.atNanos = nowNanos + Math.max(0, delayNanos);
        }

        void run() {
            if (isDone()) {
                return;
            }
            worker.running++;
            try {
                V result = work.call();
                if (everyNanos == 0) {
                    complete(result);
                } else if (!worker.isShutdown) {
                    atNanos = nowNanos + everyNanos;
                    tasks.add(this);
                }
            } catch (Throwable e) {
                failure = failure == null ? e : failure;
                completeExceptionally(e);
            } finally {
                worker.running--;
            }
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(atNanos - nowNanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return ORDER.compare(this, (Task<?>) other);
        }
    }

    private final class Worker extends AbstractExecutorService implements ScheduledExecutorService {

        private final int threads;
        private int running;
        private boolean isShutdown;

        Worker(int threads) {
            this.threads = threads;
        }

        private <V> Task<V> add(Callable<V> work, long delayNanos, long everyNanos) {
            if (isExhausted) {
                throw new InternalError("no thread can be started");
            }
            Task<V> task = new Task<>(this, work, delayNanos, everyNanos);
            if (!isShutdown) {
                tasks.add(task);
            }
            return task;
        }

        @Override
        public void execute(Runnable work) {
            schedule(work, 0, TimeUnit.NANOSECONDS);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
            return add(callable(work), unit.toNanos(delay), 0);
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
            return add(work, unit.toNanos(delay), 0);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, long first, long delay, TimeUnit unit) {
            return add(callable(work), unit.toNanos(first), unit.toNanos(delay));
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable work, long first, long period, TimeUnit unit) {
            return scheduleWithFixedDelay(work, first, period, unit);
        }

        private static Callable<Object> callable(Runnable work) {
            return () -> {
                work.run();
                return true;
            };
        }

        @Override
        public void shutdown() {
            isShutdown = true;
            tasks.removeIf(task -> task.worker == this);
        }

        @Override
        public List<Runnable> shutdownNow() {
            shutdown();
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return isShutdown;
        }

        @Override
        public boolean isTerminated() {
            return isShutdown && running == 0;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return isTerminated();
        }
    }
}
