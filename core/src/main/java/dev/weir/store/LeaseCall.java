package dev.weir.store;

import dev.weir.limit.Limit;
import org.jspecify.annotations.Nullable;

/**
 * What a store is asked by an instance that wants to decide by itself for a while: to charge a request as ever, and to
 * lend it permits for those to come.
 *
 * @param subject the client or bucket whose permits are leased
 * @param version as in {@link StoreRequest}
 * @param usage under which name use is counted, as in {@link Charge}
 * @param limit the limit in force for the subject: of a client that shares a pool, the pool's
 * @param cost the permits that a request is waiting for, charged before any are lent; 0 if none is
 * @param wanted the permits wanted in advance, at most {@link #MOST}; 0, with a cost of 0, to give the lease back
 * @param lease what the instance holds now under the same limit, as the store has stated it; {@link Grant#NONE} if
 *     nothing
 * @param left what of it is not spent. It is carried over into the new lease: the instance may go on to spend it
 *     meanwhile
 * @param share the client's part in a pool, if that is what is leased; null if it has its limit to itself
 * @param instances how many live instances share the limit, this one included, as far as it knows; at least 1
 */
public record LeaseCall(
        Subject subject,
        long version,
        String usage,
        Limit limit,
        long cost,
        long wanted,
        Grant lease,
        long left,
        @Nullable Share share,
        int instances) {

    /** The most permits that can be lent at once. */
    public static final long MOST = 1 << 20;

    /**
     * @throws IllegalArgumentException if a number is out of its range, or the client has a limit of its own beside a
     *     pool
     */
    public LeaseCall {
        if (cost < 0 || wanted < 0 || wanted > MOST) {
            throw new IllegalArgumentException(
                    "cost and wanted must be 0 or more, and wanted at most %d, but are %d and %d"
                            .formatted(MOST, cost, wanted));
        }
        if (left < 0 || left > lease.permits()) {
            throw new IllegalArgumentException(
                    "left must be from 0 to the %d permits of the lease, but is %d".formatted(lease.permits(), left));
        }
        if (wanted == 0 && cost > 0) {
            throw new IllegalArgumentException("a lease is given back without a request, but the cost is " + cost);
        }
        if (instances < 1) {
            throw new IllegalArgumentException("instances must be 1 or more, but are " + instances);
        }
        if (share != null && !limit.equals(share.pool().limit())) {
            throw new IllegalArgumentException(
                    "beside a pool a limit of the client's own is not leased, but it is " + limit);
        }
    }

    /** A call for what the subject has to itself, on one instance alone. */
    public LeaseCall(
            Subject subject, long version, String usage, Limit limit, long cost, long wanted, Grant lease, long left) {
        this(subject, version, usage, limit, cost, wanted, lease, left, null, 1);
    }

    /** The same call of one of so many instances. */
    public LeaseCall among(int instances) {
        return new LeaseCall(subject, version, usage, limit, cost, wanted, lease, left, share, instances);
    }

    /** The request that is waiting. */
    public Charge charge() {
        return new Charge(usage, limit, cost, share);
    }
}
