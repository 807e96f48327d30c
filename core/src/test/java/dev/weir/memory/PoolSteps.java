package dev.weir.memory;

import dev.weir.fair.FairTuning;
import dev.weir.store.LeaseCall;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.Objects;

/** A pool in memory at times that are given: for comparison with a store's own. */
public final class PoolSteps {

    /**
     * Nothing is removed as the given times go on: in Redis keys expire by another clock, and these times may go back.
     */
    private final MemoryPool pool = new MemoryPool(FairTuning.DEFAULT, new UsageTable(UsageTable.UNBOUNDED, 0));

    /** What the pool decides next. */
    public StoreReply.Decided decide(StoreRequest call, long nowMicros) {
        Share share = Objects.requireNonNull(call.share());
        return pool.decide(call, share, share.pool().limit(), () -> nowMicros);
    }

    /** What the pool answers next to an instance that asks for a lease, or gives one back. */
    public StoreReply.Leased lease(LeaseCall call, long nowMicros) {
        return pool.lease(call, Objects.requireNonNull(call.share()), () -> nowMicros);
    }

    /** Charges what was admitted elsewhere. */
    public void owe(StoreRequest owed, long nowMicros) {
        Share share = Objects.requireNonNull(owed.share());
        pool.owe(owed, share, () -> nowMicros);
    }

    /** Gives back what was decided at a time. */
    public void giveBack(StoreRequest charged, long atMicros, long nowMicros) {
        Share share = Objects.requireNonNull(charged.share());
        pool.giveBack(charged, share.pool().limit(), atMicros, () -> nowMicros);
    }

    /** How many clients have something in it, and how many something in use of limits of their own. */
    public int size() {
        return pool.size();
    }
}
