package dev.weir.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The clocks of the system, and threads that do not keep an application from ending. */
final class SystemScheduler implements Scheduler {

    static final SystemScheduler INSTANCE = new SystemScheduler();

    private static final long KEEP_ALIVE_SECONDS = 10;

    private SystemScheduler() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public MicrosClock clock() {
        return MicrosClock.steady();
    }

    @Override
    public ScheduledExecutorService worker(String name, int threads) {
        ScheduledThreadPoolExecutor worker = new ScheduledThreadPoolExecutor(
                threads, new DaemonThreads(name), new ThreadPoolExecutor.DiscardPolicy());
        worker.setRemoveOnCancelPolicy(true);
        worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        worker.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        worker.allowCoreThreadTimeOut(true);
        return worker;
    }

    @Override
    public <T> T await(CompletableFuture<T> answer, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        return answer.get(nanos, TimeUnit.NANOSECONDS);
    }
}
