package dev.weir.lease;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a lease that return permits to the store, and have not been answered yet. There may be several: a lease
 * can be granted anew while another is on its way back.
 *
 * <p>Not thread-safe: guarded by the monitor of its lease.
 */
final class PendingReturns {

    private static final long LONGEST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONG_AGO_NANOS = TimeUnit.DAYS.toNanos(1);
    private static final CompletableFuture<@Nullable Void> ARRIVED = CompletableFuture.completedFuture(null);

    private int count;

    /** When the last of them was made. */
    private long madeNanos;

    /** When permits came back last: long ago if they never did. */
    private long arrivedNanos;

    private CompletableFuture<@Nullable Void> arrival = ARRIVED;

    PendingReturns(long nowNanos) {
        arrivedNanos = nowNanos - LONG_AGO_NANOS;
    }

    void add(long nowNanos) {
        if (count == 0) {
            arrival = new CompletableFuture<>();
        }
        count++;
        madeNanos = nowNanos;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Completes when there are none any more. */
    CompletableFuture<@Nullable Void> arrival() {
        return arrival;
    }

    /** Whether permits have come back since then. */
    boolean haveArrivedSince(long askedNanos) {
        return arrivedNanos - askedNanos >= 0;
    }

    /**
     * One is answered, or has failed.
     *
     * @return what to complete now, without the monitor; null if others are under way
     */
    @Nullable CompletableFuture<@Nullable Void> arrived(long nowNanos) {
        if (nowNanos - arrivedNanos > 0) {
            arrivedNanos = nowNanos; // Another thread may have looked at the clock later, and been here before.
        }
        if (count == 0 || --count > 0) {
            return null;
        }
        return arrival;
    }

    /** Notices that answers will not come any more. A request that waits for them gives up long before. */
    void giveUp(long nowNanos) {
        if (count > 0 && nowNanos - madeNanos > LONGEST_ANSWER_NANOS) {
            count = 0;
            arrival = ARRIVED;
        }
    }
}
