package dev.weir;

import dev.weir.store.Scheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/**
 * How many live instances share the store: by so many is divided what one may permit while the store is away.
 *
 * <p>A store may forget who lives: its memory is flushed or full, or it starts again empty. Each instance then counts
 * those alone that have sent a heartbeat since. So a higher count is believed at once, and a lower one only when
 * {@value #AGREEING} heartbeats in a row have reported fewer: within two seconds every instance has been seen again.
 * If it is true, less than the limit is permitted meanwhile, never more.
 *
 * <p>Thread-safe.
 */
final class InstanceCount {

    private static final Logger LOG = System.getLogger(InstanceCount.class.getName());

    /** So many lower counts in a row are believed; then the highest of them. */
    static final int AGREEING = 4;

    /** Heartbeats that follow each other sooner, because calls fail meanwhile, say nothing of their own. */
    private static final long APART_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    private static final long BETWEEN_LINES_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Scheduler scheduler;
    private volatile int floor;
    private volatile int believed = 1;

    private int lower;
    private int highestOfLower;
    private long lowerAtNanos;

    /** What the log says; 0 before the first report. */
    private int said;

    private long saidAtNanos;

    /** @param floor no fewer are ever in force, at least 1 */
    InstanceCount(int floor, Scheduler scheduler) {
        this.floor = floor;
        this.scheduler = scheduler;
        this.saidAtNanos = scheduler.nanoTime() - BETWEEN_LINES_NANOS;
    }

    int inForce() {
        return Math.max(floor, believed);
    }

    void atLeast(int floor) {
        this.floor = floor;
    }

    /** The answer to a heartbeat. */
    synchronized void report(int live) {
        long nowNanos = scheduler.nanoTime();
        if (live >= believed) {
            believe(Math.max(1, live));
        } else if (lower == 0 || nowNanos - lowerAtNanos >= APART_NANOS) {
            lower++;
            lowerAtNanos = nowNanos;
            highestOfLower = Math.max(highestOfLower, live);
            if (lower == AGREEING) {
                believe(Math.max(1, highestOfLower));
            }
        }
        say(nowNanos);
    }

    private void believe(int live) {
        believed = live;
        lower = 0;
        highestOfLower = 0;
    }

    private void say(long nowNanos) {
        int now = inForce();
        if (said == 0) {
            said = now;
        } else if (now != said && nowNanos - saidAtNanos >= BETWEEN_LINES_NANOS) {
            LOG.log(Level.INFO, "instances that share the store: {0}; before: {1}", now, said);
            said = now;
            saidAtNanos = nowNanos;
        }
    }
}
