package dev.weir.lease;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Share;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a lease stands on: where any of it changes, what was leased is of no use any more. And how much is leased on it.
 *
 * @param limit the limit in force; a pool's, if that is shared
 * @param share the client's part in a pool; null if the limit is its own
 * @param version of the client's overrides that these were made from
 */
record LeaseBasis(Limit limit, @Nullable Share share, long version) {

    /**
     * For how long a lease should last: long against a round trip, short against the second in which demand may move.
     */
    static final long HORIZON_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * Clients that need fewer permits in the horizon are served one by one: a lease would lie about more than it is
     * used.
     */
    static final long LEAST_DEMAND = 10;

    /**
     * From a pool, permits are taken for so long at most: they are in the client's share at once, but spent only then,
     * and this is by how much its share of a second can be wrong.
     */
    private static final long POOL_HORIZON_NANOS = TimeUnit.MILLISECONDS.toNanos(16);

    /** A client may have about four fifths of a burst in its queue: what it does not ask for by then would be lost. */
    private static final long HORIZONS_IN_BURST = 5;

    /**
     * A request that was overtaken by a change may have put an older limit here: no lease is renewed for longer by
     * itself.
     */
    private static final long CONFIRMED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * A pool's store does not compare versions: with what else passes until a change is noticed, less than a second.
     */
    private static final long POOL_CONFIRMED_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    private static final long LEAST_DEMAND_OF_POOL = 2;
    private static final long LEAST_REQUESTS = 4;
    private static final long LEAST_REQUESTS_OF_POOL = 2;

    /** Whether a call may be decided from a lease: not if it is strict, has several charges, or draws on a pool. */
    static boolean isLeasable(StoreRequest call) {
        return !call.strict()
                && call.charges().size() == 1
                && call.charges().get(0).besidePool() == null;
    }

    static LeaseBasis of(Charge charge, long version) {
        return new LeaseBasis(charge.limit(), charge.share(), version);
    }

    /** For how long ahead permits are taken. */
    long horizonNanos() {
        if (share == null) {
            return HORIZON_NANOS;
        }
        double burstNanos =
                (double) limit.capacity() / limit.permits() * limit.period().toNanos();
        return (long) Math.min(POOL_HORIZON_NANOS, burstNanos / HORIZONS_IN_BURST);
    }

    /** How long permits that no request spends may lie about. */
    long idleNanos() {
        return share == null ? HORIZON_NANOS : 2 * horizonNanos();
    }

    long confirmedNanos() {
        return share == null ? CONFIRMED_NANOS : POOL_CONFIRMED_NANOS;
    }

    /** Clients that need fewer permits in the horizon are served one by one. */
    long leastDemand() {
        return share == null ? LEAST_DEMAND : LEAST_DEMAND_OF_POOL;
    }

    /** A lease that serves fewer requests saves too few calls: with costs, many permits may be few requests. */
    long leastRequests() {
        return share == null ? LEAST_REQUESTS : LEAST_REQUESTS_OF_POOL;
    }

    /** A call for a lease, or to give it back; how many instances share the limit is known where it is sent. */
    LeaseCall call(Subject subject, String usage, long cost, long wanted, Grant lease, long left) {
        return new LeaseCall(subject, version, usage, limit, cost, wanted, lease, left, share, 1);
    }
}
