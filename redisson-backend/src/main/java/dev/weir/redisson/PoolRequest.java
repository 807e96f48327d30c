package dev.weir.redisson;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import dev.weir.redisson.AcquireCall.Decided;
import dev.weir.redisson.AcquireCall.Leased;
import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Share;
import dev.weir.store.StoreRequest;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request on a pool as {@code pool.lua} decides it.
 *
 * @param client whose request it is
 * @param charge what is to be charged
 * @param share the client's part in the pool
 * @param lease what is asked beside it; null if it is no lease
 */
record PoolRequest(
        String client, Charge charge, Share share, @Nullable LeaseCall lease) implements Batcher.Batched {

    private static final List<Reason> REASONS =
            List.of(Reason.OK, Reason.LIMIT, Reason.SHARE, Reason.CAPACITY, Reason.COST_ABOVE_LIMIT);

    private static final long OWN = 2;

    /** @param call one that has a share */
    static PoolRequest of(StoreRequest call) {
        return new PoolRequest(call.subject().id(), call.charges().get(0), Objects.requireNonNull(call.share()), null);
    }

    /** @param call one that has a share */
    static PoolRequest of(LeaseCall call) {
        return new PoolRequest(call.subject().id(), call.charge(), Objects.requireNonNull(call.share()), call);
    }

    @Override
    public boolean isBackground() {
        return lease != null && lease.cost() == 0;
    }

    Pool pool() {
        return share.pool();
    }

    /** The client's own limit, if it has one. */
    @Nullable Limit own() {
        return charge.besidePool();
    }

    /** Where the client's own limit is kept. */
    String ownKey(RedisKeys keys) {
        return keys.poolUsage(pool().name(), charge.policy(), client);
    }

    /** Reads what the script says next; it was decided at {@code atMicros}. */
    Reply reply(Iterator<Object> reply, long atMicros) {
        Reason reason = REASONS.get((int) number(reply) - 1);
        boolean ofOwn = number(reply) == OWN;
        Decision decision = charge.ofShare(reason, ofOwn, number(reply), number(reply), number(reply));
        Grant grant = new Grant(number(reply), number(reply), number(reply));
        return lease == null ? new Decided(atMicros, List.of(decision), 0, 0) : new Leased(decision, grant, 0, 0);
    }

    private static long number(Iterator<Object> reply) {
        return (Long) reply.next();
    }
}
