package dev.weir.store;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Makes the threads of one worker, which do not keep an application from ending, and knows those that still run. */
final class DaemonThreads implements ThreadFactory {

    private final String name;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();

    DaemonThreads(String name) {
        this.name = name;
    }

    @Override
    public Thread newThread(Runnable task) {
        running.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        running.add(thread);
        return thread;
    }

    /**
     * Waits for the end of all, except the one that this is called on. An executor has terminated a little earlier: on
     * a busy machine its last thread is still seen then.
     */
    void join(long nanos) throws InterruptedException {
        long endNanos = System.nanoTime() + nanos;
        for (Thread thread : running) {
            long leftNanos = endNanos - System.nanoTime();
            if (thread != Thread.currentThread() && leftNanos > 0) {
                TimeUnit.NANOSECONDS.timedJoin(thread, leftNanos);
            }
        }
    }
}
