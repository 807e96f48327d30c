package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.store.LimiterListener;

/**
 * Decides requests on a bucket that was created through {@link LimitAdmin}. Thread-safe.
 *
 * <pre>{@code
 * weir.limits().createBucket("tenant-7", 100, 200);
 * boolean permitted = weir.bucket("tenant-7").allow();
 * }</pre>
 */
public final class Bucket {

    private final Decider decider;
    private final LimiterListener listener;
    private final String id;

    Bucket(Decider decider, LimiterListener listener, String id) {
        this.decider = decider;
        this.listener = listener;
        this.id = id;
    }

    /** As {@link #tryAcquire(long)}, with a cost of 1. */
    public boolean allow() {
        return tryAcquire(1).permitted();
    }

    /**
     * Takes {@code cost} permits if that many are left. Never waits for permits.
     *
     * @param cost from 1 to {@link Limit#EXACT}
     * @return the decision; while the store does not answer, on this instance's share if it has seen the bucket, and
     *     otherwise rejected
     * @throws UnknownBucketException if there is no such bucket now
     */
    public Decision tryAcquire(long cost) {
        return decider.decide(new BucketCost(id, cost), listener);
    }
}
