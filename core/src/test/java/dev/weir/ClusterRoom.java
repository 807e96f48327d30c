package dev.weir;

import dev.weir.ClusterJudge.Key;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.StoreReply;
import java.util.HashMap;
import java.util.Map;

/**
 * What a request could have had: what the store has left, and what its own instance has leased, is being brought or is
 * returning. What is not known for sure does not count.
 */
final class ClusterRoom {

    /** After so long a lease may have ended on a clock that is fast. */
    private static final long SURE_MICROS = 600_000;

    /** What was leased or lost before a fault is over by then. */
    private static final long STORM_MICROS = 1_300_000;

    private record Holder(int instance, Key key) {}

    private record Own(long permits, long grantedMicros) {}

    private final Map<Holder, Own> owned = new HashMap<>();
    private long stormMicros = Long.MIN_VALUE / 2;

    /** Something has happened that may lose messages, leases or time. */
    void storm(long nowMicros) {
        stormMicros = nowMicros;
        owned.clear();
    }

    boolean isCalm(long nowMicros) {
        return nowMicros - stormMicros > STORM_MICROS;
    }

    /** The store has granted a lease, or taken it back. */
    void leased(int instance, Key key, LeaseCall call, StoreReply.Leased reply, long nowMicros) {
        Grant grant = reply.grant();
        Holder holder = new Holder(instance, key);
        if (call.wanted() == 0) {
            spent(instance, key, call.left());
        } else if (grant.permits() > 0 && isCalm(nowMicros)) {
            long before = of(instance, key, nowMicros);
            owned.put(holder, new Own(before + grant.permits() - call.left(), nowMicros));
        }
    }

    /** From a lease, or back in the store. */
    void spent(int instance, Key key, long permits) {
        owned.computeIfPresent(
                new Holder(instance, key),
                (holder, own) -> new Own(Math.max(0, own.permits() - permits), own.grantedMicros()));
    }

    /** What the instance has, or is about to have or to return. */
    long of(int instance, Key key, long nowMicros) {
        Own own = owned.get(new Holder(instance, key));
        return own == null || nowMicros - own.grantedMicros() > SURE_MICROS ? 0 : own.permits();
    }
}
