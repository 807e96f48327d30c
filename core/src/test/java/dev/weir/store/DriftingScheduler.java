package dev.weir.store;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The time of one instance, whose clock runs a little faster or slower than the true one, and started at another
 * moment. What it schedules is late or early accordingly. The instance may be stopped for a while, and may die.
 */
public final class DriftingScheduler implements Scheduler {

    private static final long MILLION = 1_000_000;

    private final Scheduler trueTime;
    private final long perMillion;
    private final long originNanos;
    private final ScheduledExecutorService waking;
    private long stoppedUntilNanos;
    private boolean isDead;

    /**
     * @param trueTime by which the others go
     * @param perMillion by how many parts in a million this clock is ahead after any time; negative if it is behind
     * @param originNanos what it showed when the true one showed 0
     */
    public DriftingScheduler(Scheduler trueTime, long perMillion, long originNanos) {
        this.trueTime = trueTime;
        this.perMillion = perMillion;
        this.originNanos = originNanos;
        this.waking = trueTime.worker("waking", Integer.MAX_VALUE);
        this.stoppedUntilNanos = trueTime.nanoTime();
    }

    /** Nothing of this instance runs for so long; then what was due meanwhile does. */
    public void stop(long nanos) {
        stoppedUntilNanos = trueTime.nanoTime() + nanos;
    }

    public boolean isStopped() {
        return stoppedUntilNanos > trueTime.nanoTime();
    }

    /** Nothing of this instance runs any more. */
    public void die() {
        isDead = true;
    }

    /** Runs something of this instance now, or when it goes on. */
    public void run(Runnable work) {
        if (isDead) {
            return;
        }
        if (isStopped()) {
            waking.schedule(() -> run(work), stoppedUntilNanos - trueTime.nanoTime(), TimeUnit.NANOSECONDS);
        } else {
            work.run();
        }
    }

    @Override
    public long nanoTime() {
        long nanos = trueTime.nanoTime();
        return originNanos + nanos + nanos / MILLION * perMillion + nanos % MILLION * perMillion / MILLION;
    }

    /** The true wall clock's, carried on by this clock. */
    @Override
    public MicrosClock clock() {
        return () -> VirtualScheduler.ORIGIN_MICROS + (nanoTime() - originNanos) / 1_000;
    }

    private long trueNanos(long nanos) {
        return (long) ((double) nanos * MILLION / (MILLION + perMillion));
    }

    @Override
    public ScheduledExecutorService worker(String name, int threads) {
        return new Worker(trueTime.worker(name, threads));
    }

    @Override
    public <T> T await(CompletableFuture<T> answer, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        return trueTime.await(answer, trueNanos(nanos));
    }

    private static <V> V call(Callable<V> work) {
        try {
            return work.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** However often it was due while the instance was stopped, it runs once then. */
    private final class Periodic implements Runnable {

        private final Runnable work;
        private boolean isWaiting;

        Periodic(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            if (!isWaiting) {
                isWaiting = true;
                DriftingScheduler.this.run(() -> {
                    isWaiting = false;
                    work.run();
                });
            }
        }
    }

    private final class Worker extends AbstractExecutorService implements ScheduledExecutorService {

        private final ScheduledExecutorService worker;

        Worker(ScheduledExecutorService worker) {
            this.worker = worker;
        }

        private long nanos(long delay, TimeUnit unit) {
            return trueNanos(unit.toNanos(delay));
        }

        @Override
        public void execute(Runnable work) {
            worker.execute(() -> run(work));
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
            return worker.schedule(() -> run(work), nanos(delay, unit), TimeUnit.NANOSECONDS);
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
            return worker.schedule(
                    () -> {
                        if (isDead || isStopped()) {
                            run(() -> call(work));
                            return null;
                        }
                        return work.call();
                    },
                    nanos(delay, unit),
                    TimeUnit.NANOSECONDS);
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable work, long first, long period, TimeUnit unit) {
            return scheduleWithFixedDelay(work, first, period, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, long first, long delay, TimeUnit unit) {
            return worker.scheduleWithFixedDelay(
                    new Periodic(work), nanos(first, unit), nanos(delay, unit), TimeUnit.NANOSECONDS);
        }

        @Override
        public void shutdown() {
            worker.shutdown();
        }

        @Override
        public List<Runnable> shutdownNow() {
            return worker.shutdownNow();
        }

        @Override
        public boolean isShutdown() {
            return worker.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return worker.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return worker.awaitTermination(timeout, unit);
        }
    }
}
