package dev.weir.memory;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.GuardedTask;
import dev.weir.store.LeaseCall;
import dev.weir.store.MicrosClock;
import dev.weir.store.NearStore;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Scheduler;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.Timestamp;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The store of a single process. Exact, and never fails; but what it holds is neither shared nor kept over a restart.
 *
 * <p>Its time is the wall clock's at its start, carried on by the monotonic clock: a wall clock that is corrected later
 * neither frees permits nor holds them back. Windows stay aligned to the wall clock as it was at the start, and time
 * that the machine sleeps does not count. Callers' timestamps are compared with the wall clock as it is.
 *
 * <p>Clients are spread over stripes, each with a lock of its own, so all limits of one client are decided under one
 * lock. A client that has had its whole limit for a second is forgotten soon, so only active clients take room: new
 * clients make room for themselves, and a sweep looks at a part of the others each second, at no more than
 * {@value Sweepable#SLICE} under one lock.
 */
public final class MemoryStore implements NearStore {

    /** In how many sweeps all entries of a large stripe are looked at; those of a small one in each. */
    private static final int SWEEPS = 16;

    private final Stripes stripes;
    private final MemoryPools pools;
    private final MicrosClock clock;
    private final AtomicLong versions = new AtomicLong();
    private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService sweeper;
    private volatile List<String> instance = List.of();

    /** A store on this process's own steady clock. */
    public MemoryStore() {
        this(Scheduler.system());
    }

    public MemoryStore(Scheduler scheduler) {
        this(scheduler, UsageTable.UNBOUNDED);
    }

    public MemoryStore(MicrosClock clock) {
        this(clock, Scheduler.system(), UsageTable.UNBOUNDED);
    }

    /**
     * @param scheduler by whose clock it goes, and on whose thread it forgets clients
     * @param most of how many clients, times policies, the use is kept; of the others, those with the fewest permits in
     *     use are forgotten. As many again are kept for each pool
     */
    public MemoryStore(Scheduler scheduler, int most) {
        this(scheduler.clock(), scheduler, most);
    }

    private MemoryStore(MicrosClock clock, Scheduler scheduler, int most) {
        this.clock = clock;
        pools = new MemoryPools(clock, most);
        stripes = new Stripes(most);
        sweeper = scheduler.worker("weir-memory-store", 1);
        sweeper.scheduleWithFixedDelay(
                new GuardedTask("sweeping the memory store", this::sweepSome), 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return CompletableFuture.completedFuture(decide(call));
    }

    @Override
    public Optional<NearStore> near() {
        return Optional.of(this);
    }

    @Override
    public StoreReply decide(StoreRequest call) {
        Share share = call.share();
        return share == null
                ? stripes.of(call.subject().id()).decide(call, clock)
                : decide(call, share, share.pool().limit());
    }

    /** @param limit what all clients of the pool may take together */
    public StoreReply decide(StoreRequest call, Share share, TokenBucket limit) {
        Overrides inForce = stripes.of(call.subject().id()).overrides(call.subject());
        return inForce.version() == call.version()
                ? pools.decide(call, share, limit)
                : new StoreReply.Outdated(inForce);
    }

    @Override
    public Answer allow(String client, String policy, Limit limit, long cost) {
        return stripes.of(client).allow(client, policy, limit, cost, clock);
    }

    @Override
    public @Nullable List<Decision> decide(
            Subject.Kind kind, String id, Charge charge, @Nullable Charge whole, long version) {
        return stripes.of(id).decide(kind, id, charge, whole, version, clock);
    }

    @Override
    public CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros) {
        Share share = charged.share();
        if (share == null) {
            stripes.of(charged.subject().id()).giveBack(charged, atMicros, clock);
        } else {
            giveBack(charged, share, share.pool().limit(), atMicros);
        }
        return CompletableFuture.completedFuture(null);
    }

    /** @param limit as it was when it was charged */
    public void giveBack(StoreRequest charged, Share share, TokenBucket limit, long atMicros) {
        pools.giveBack(charged, share, limit, atMicros);
    }

    @Override
    public CompletableFuture<@Nullable Void> owe(StoreRequest owed) {
        if (owed.share() == null) {
            stripes.of(owed.subject().id()).owe(owed, clock);
        } else {
            pools.owe(owed);
        }
        return CompletableFuture.completedFuture(null);
    }

    /** Charges a pool so much that at least {@code used} permits are in use of a limit. */
    public void oweUpTo(Share share, TokenBucket limit, long used) {
        pools.oweUpTo(share, limit, used);
    }

    /** What a client has used of its own limit beside a pool; null if nothing is remembered. */
    public @Nullable State state(Share share, String client, String policy) {
        return pools.state(share, client, policy);
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        Share share = call.share();
        return CompletableFuture.completedFuture(
                share == null ? stripes.of(call.subject().id()).lease(call, clock) : leaseOfPool(call));
    }

    private StoreReply leaseOfPool(LeaseCall call) {
        Overrides inForce = stripes.of(call.subject().id()).overrides(call.subject());
        return inForce.version() == call.version() ? pools.lease(call) : new StoreReply.Outdated(inForce);
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return CompletableFuture.completedFuture(stripes.of(subject.id()).overrides(subject));
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        Overrides versioned = new Overrides(versions.incrementAndGet(), next.plan(), next.terms());
        boolean isReplaced = stripes.of(subject.id()).replace(subject, expected, versioned);
        if (isReplaced) {
            listeners.forEach(listener -> listener.onChange(subject));
        }
        return CompletableFuture.completedFuture(isReplaced);
    }

    /** {@inheritDoc} Here a change is announced before {@link #replace} returns, and there is a gap only at first. */
    @Override
    public void listen(ChangeListener listener) {
        listeners.add(listener);
        listener.onGap();
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return CompletableFuture.completedFuture(stripes.list(kind, from, most));
    }

    /** @param timestamp when the caller says that the request is made; null for this store's clock */
    public StoreReply.Decided decide(String client, List<Charge> charges, @Nullable Timestamp timestamp) {
        return stripes.of(client).decide(client, charges, timestamp, clock);
    }

    /** Makes the client's state under a policy what it is with {@code remaining} permits left. */
    public void set(String client, String policy, Limit limit, long remaining) {
        long nowMicros = clock.nowMicros();
        stripes.of(client).set(client, policy, limit.meter().leaving(remaining, nowMicros), nowMicros);
    }

    /**
     * As {@link #set}, where the client has more left than that. A state that leaves no more stays as it is: it may be
     * in use by the numbers of a larger limit, which a refusal must not forget.
     */
    public void setAtMost(String client, String policy, Limit limit, long remaining) {
        stripes.of(client).setAtMost(client, policy, limit, remaining, clock.nowMicros());
    }

    public void put(String client, String policy, State state) {
        stripes.of(client).set(client, policy, state, clock.nowMicros());
    }

    public @Nullable State state(String client, String policy) {
        return stripes.of(client).state(client, policy);
    }

    /** This process is alone. */
    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        instance = List.of(instanceId);
        return CompletableFuture.completedFuture(1);
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return CompletableFuture.completedFuture(instance);
    }

    /** Clients times policies that take room now, and clients with something in a pool. */
    public int size() {
        return stripes.size() + pools.size();
    }

    /** Forgets every client that has had its whole limit for a second. */
    void sweep() {
        int before;
        do {
            before = size();
            sweep(1);
        } while (size() < before); // Entries change places when others are removed: one may be looked at late.
    }

    private void sweepSome() {
        sweep(SWEEPS);
    }

    /** @param sweeps in how many of these all entries are to be looked at */
    private void sweep(int sweeps) {
        stripes.sweep(sweeps, clock);
        pools.sweep(sweeps);
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
        Scheduler.awaitEnd(sweeper);
    }
}
