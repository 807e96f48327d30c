package dev.weir.redisson;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;

/**
 * Lets Redisson work on threads of Netty's kind alone. On any other thread Netty keeps buffers and recycled objects in
 * a {@link ThreadLocal}, which is never removed: a thread of an application server's pool would so hold the class
 * loader of an application that was undeployed long ago.
 *
 * <p>It costs no thread more: a call changes to one of Netty's threads anyway, where it is written to the connection.
 */
final class NettyThreads {

    /** Longer than a connection takes to end. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private NettyThreads() {}

    /**
     * Runs work, here if this is such a thread, else on one of the client's; it must not block. A client that is not
     * Redisson's own class, for instance a proxy, does not say which its threads are: then it runs here.
     */
    static void run(RedissonClient redisson, Runnable work) {
        if (isOne() || !(redisson instanceof Redisson known)) {
            work.run();
        } else {
            Executor netty = known.getServiceManager().getGroup();
            netty.execute(work);
        }
    }

    /** A thread that may block, and what Netty keeps of it ends with it. */
    static Thread started(String name, Runnable work) {
        Thread thread = new FastThreadLocalThread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Runs work on such a thread, and waits for its end. */
    static void runToEnd(String name, Runnable work) {
        join(started(name, work));
    }

    /** Waits for the end of a thread; not for ever, and even if this one is interrupted. */
    static void join(Thread thread) {
        long endNanos = System.nanoTime() + LONGEST.toNanos();
        boolean isInterrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread() && System.nanoTime() < endNanos) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, endNanos - System.nanoTime()));
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isOne() {
        return Thread.currentThread() instanceof FastThreadLocalThread;
    }
}
