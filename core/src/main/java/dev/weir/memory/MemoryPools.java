package dev.weir.memory;

import dev.weir.fair.FairTuning;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.store.LeaseCall;
import dev.weir.store.MicrosClock;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The pools of a store that lives in one process, with what their clients have used of their own limits beside them.
 * Each pool is decided under a lock of its own. All calls must have a share; the versions of overrides are not
 * compared. Thread-safe.
 */
public final class MemoryPools {

    private final Map<String, MemoryPool> pools = new ConcurrentHashMap<>();
    private final MicrosClock clock;
    private final int most;

    public MemoryPools(MicrosClock clock) {
        this(clock, UsageTable.UNBOUNDED);
    }

    /** @param most of how many clients of a pool, times policies, the use of their own limits is kept */
    MemoryPools(MicrosClock clock, int most) {
        this.clock = clock;
        this.most = most;
    }

    private MemoryPool pool(Share share) {
        return pools.computeIfAbsent(share.pool().name(), name -> new MemoryPool(FairTuning.DEFAULT, most));
    }

    /** As {@link dev.weir.store.Store#tryAcquire}. */
    public StoreReply.Decided decide(StoreRequest call) {
        Share share = Objects.requireNonNull(call.share());
        return decide(call, share, share.pool().limit());
    }

    /** @param limit what all clients of the pool may take together */
    StoreReply.Decided decide(StoreRequest call, Share share, TokenBucket limit) {
        return pool(share).decide(call, share, limit, clock);
    }

    /** As {@link dev.weir.store.Store#lease}. */
    public StoreReply.Leased lease(LeaseCall call) {
        Share share = Objects.requireNonNull(call.share());
        return pool(share).lease(call, share, clock);
    }

    /** As {@link dev.weir.store.Store#giveBack}. */
    public void giveBack(StoreRequest charged, long atMicros) {
        Share share = Objects.requireNonNull(charged.share());
        giveBack(charged, share, share.pool().limit(), atMicros);
    }

    /** @param limit as it was when it was charged */
    void giveBack(StoreRequest charged, Share share, TokenBucket limit, long atMicros) {
        pool(share).giveBack(charged, limit, atMicros, clock);
    }

    /** As {@link dev.weir.store.Store#owe}. */
    public void owe(StoreRequest owed) {
        Share share = Objects.requireNonNull(owed.share());
        pool(share).owe(owed, share, clock);
    }

    /** Charges a pool so much that at least {@code used} permits are in use of a limit. */
    void oweUpTo(Share share, TokenBucket limit, long used) {
        pool(share).oweUpTo(limit, used, clock);
    }

    /** What a client has used of its own limit beside a pool. */
    @Nullable State state(Share share, String client, String policy) {
        return pool(share).state(client, policy);
    }

    /** Forgets what is over: to be called now and then. */
    public void sweep() {
        sweep(1);
    }

    /** @param sweeps in how many of these all entries are to be looked at */
    void sweep(int sweeps) {
        pools.values().forEach(pool -> pool.sweep(sweeps, clock));
    }

    /** How many states take room now. */
    int size() {
        return pools.values().stream().mapToInt(MemoryPool::size).sum();
    }
}
