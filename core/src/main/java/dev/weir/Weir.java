package dev.weir;

import dev.weir.lease.LeaseTable;
import dev.weir.lease.Leasing;
import dev.weir.lease.LeasingStore;
import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Names;
import dev.weir.limit.Reason;
import dev.weir.memory.MemoryStore;
import dev.weir.store.GuardedTask;
import dev.weir.store.LeaseCall;
import dev.weir.store.LimiterListener;
import dev.weir.store.NearStore;
import dev.weir.store.Store;
import dev.weir.store.StoreCounts;
import dev.weir.store.StoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A rate limiter of one application instance: its policies, and the store that it shares with the others. Thread-safe.
 *
 * <pre>{@code
 * Weir weir = Weir.builder()
 *         .store(store)
 *         .policy(Policy.of("search", Limit.tokenBucket(100, Duration.ofSeconds(1))))
 *         .build();
 * RateLimiter search = weir.limiter("search");
 * if (search.allow("alice")) {
 *     answer();
 * }
 * }</pre>
 */
public final class Weir implements AutoCloseable {

    private final String instanceId;
    private final Store shared;
    private final Store store;
    private final LimiterListener listener;
    private final @Nullable LeasingStore leasing;
    private final StoreGuard guard;
    private final InstanceCount instances;
    private final @Nullable DebtCollector collector;
    private final @Nullable OverrideRefresh refresh;
    private final DelayQueue waiting;
    private final Decider decider;
    private final Policies policies;
    private final LimitAdmin limits;

    Weir(WeirBuilder builder) {
        policies = new Policies(builder.policies.values());
        instanceId = builder.instanceId;
        shared = builder.store == null ? new MemoryStore(builder.scheduler) : builder.store;
        NearStore near = shared.near().orElse(null);
        listener = GuardedListener.around(builder.listener);
        Debts debts = new Debts(builder.scheduler.clock(), builder.localClients, listener);
        instances = new InstanceCount(builder.minInstances, builder.scheduler);
        // This process's own memory is always there, and owed nothing.
        OwingStore owing =
                near == null ? new OwingStore(shared, debts, builder.storeDeadline, builder.scheduler) : null;
        // This process's own memory is nearer than any lease.
        leasing = builder.leasing == Leasing.OFF || owing == null
                ? null
                : new LeasingStore(
                        owing,
                        builder.leasing,
                        LeasingStore.MOST_CLIENTS,
                        builder.storeDeadline,
                        builder.scheduler,
                        listener,
                        this::follow);
        store = leasing != null ? leasing : owing != null ? owing : shared;
        guard = new StoreGuard(
                store,
                leasing == null ? call -> null : leasing::known,
                instanceId,
                builder.storeDeadline,
                builder.localClients,
                instances,
                debts,
                listener,
                builder.scheduler);
        collector = owing == null ? null : new DebtCollector(debts, owing, guard::isStoreAnswering, builder.scheduler);
        decider = new Decider(policies::get, guard, leasing, near, builder.draws, builder.scheduler);
        limits = new LimitAdmin(policies, guard, decider);
        waiting = new DelayQueue(builder.mostInLine, builder.mostWaiting, builder.scheduler);
        refresh =
                near == null ? new OverrideRefresh(decider::refresh, guard::isStoreAnswering, builder.scheduler) : null;
        store.listen(new Announced(leasing, decider, refresh));
        if (near == null) {
            new GuardedTask("a dry run", () -> dryRun(builder)).run();
        }
    }

    /** Everything that a decision needs for the first time is made ready here, where no deadline runs. */
    private void dryRun(WeirBuilder builder) {
        DryRun.on(
                policies -> new Decider(policies, guard, leasing, null, builder.draws, builder.scheduler),
                builder.storeDeadline.toNanos(),
                builder.scheduler);
        if (leasing != null) {
            DryRun.on(builder.leasing, builder.scheduler);
        }
    }

    private void follow(LeaseCall call, Decision decision) {
        guard.follow(call, decision);
    }

    /** A new limiter, to be given a store and policies. */
    public static WeirBuilder builder() {
        return new WeirBuilder();
    }

    /** This instance's id, as the others see it. */
    public String instanceId() {
        return instanceId;
    }

    /**
     * The limiter of a policy; it follows every later change of it.
     *
     * @throws UnknownPolicyException if there is no such policy
     */
    public RateLimiter limiter(String policy) {
        String name = policy(policy).name();
        return new RateLimiter(
                name, policies, leasing == null ? LeaseTable.NONE : leasing.of(name), decider, waiting, listener);
    }

    /**
     * A policy as it is now.
     *
     * @throws UnknownPolicyException if there is no such policy
     */
    public Policy policy(String name) {
        return policies.get(name);
    }

    /** All policies in force, by name. Immutable. */
    public Map<String, Policy> policies() {
        return policies.all();
    }

    /**
     * Puts other policies into force, all at once. What clients have used stays used: a policy of the same name goes on
     * with its new numbers. Requests that are being decided are not disturbed.
     *
     * @throws IllegalArgumentException if a policy is called {@value Names#BUCKET}, which decisions on named buckets
     *     report
     */
    public void reconfigure(Collection<Policy> policies) {
        Predicate<String> isChanged = this.policies.replace(policies);
        decider.forgetPolicies();
        if (leasing != null) {
            leasing.recall(isChanged);
        }
    }

    /**
     * Decides one request under several policies together: every one is charged its cost, or none is. Policies whose
     * clients share a pool are decided one after the other, and given back if a later one refuses, like buckets in
     * {@link #tryAcquire(String, List, List)}.
     *
     * <p>A policy in shadow mode takes no part in that: if all others permit, it is asked by itself, and its decision
     * is permitted whatever it is; if another rejects, it is not asked, and has no decision.
     *
     * @param client the client whose permits are charged, 1 to 256 bytes in UTF-8
     * @param costs at least one, each of another policy
     * @return a decision for each that was asked, in the same order
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if one of the policies does not exist
     */
    public Decisions tryAcquire(String client, List<PolicyCost> costs) {
        return decider.decide(client, costs, listener);
    }

    /**
     * Decides one request under policies of its client and on buckets together: every one is charged its cost, or none
     * is.
     *
     * <p>The client and each bucket are decided one after the other, the one with the smallest limit first, because it
     * is the most likely to refuse. If one refuses, the others are not asked any more and have no decision, and what
     * was charged before is given back: as much of it as surely has not come back by itself meanwhile, and without
     * trying twice. Until then, others may find less than there is; never more. Only the store itself decides, never a
     * lease.
     *
     * <p>Policies and buckets in shadow mode take no part in that, as in {@link #tryAcquire(String, List)}.
     *
     * @param client the client whose permits are charged, 1 to 256 bytes in UTF-8
     * @param costs each of another policy
     * @param buckets each another one; at least one, if there is no policy
     * @return a decision for each that was asked: for policies, in the same order, and then for buckets, likewise
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if one of the policies does not exist
     * @throws UnknownBucketException if one of the buckets does not exist. What the request was charged under its
     *     policies stays charged then, or a client could ask for any number of ids: those that its own limits refuse
     *     are not looked up. Buckets are charged nothing. A bucket in shadow mode that does not exist has no decision
     *     instead, unless nothing else was asked
     */
    public Decisions tryAcquire(String client, List<PolicyCost> costs, List<BucketCost> buckets) {
        return decider.decide(client, costs, buckets, listener);
    }

    /**
     * As {@link #tryAcquire(String, List, List)}, but a request that is above the limit of a policy with a
     * {@linkplain Policy#maxDelay max-delay} waits for its turn, without a thread, and is decided then: as before, all
     * is charged or nothing. If the limit of another policy, or of a bucket, is in its way, it is rejected at once; as
     * is one that cannot pass within the shortest max-delay of those policies, and one that would stand in too long a
     * line ({@link Reason#QUEUE_FULL}).
     *
     * <p>Requests of one client on this instance that wait for the same policies pass in the order in which they came.
     * Nothing is charged while they wait. One that asks for more than the rest of its client's limit is not overtaken,
     * but holds up those behind it.
     *
     * @return the decisions; complete, if there was nothing to wait for. To cancel it is to give up. What depends on it
     *     is run on one of a few threads, which must not be held up
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if one of the policies does not exist; while it waits, the answer completes with
     *     it
     * @throws UnknownBucketException if one of the buckets does not exist; likewise
     */
    public CompletableFuture<Decisions> acquireAsync(String client, List<PolicyCost> costs, List<BucketCost> buckets) {
        List<PolicyCost> waitedFor = costs.stream()
                .filter(cost -> !decider.isShadow(cost)
                        && !policy(cost.policy()).behaviour().maxDelay().isZero())
                .toList();
        return waitedFor.stream()
                .map(cost -> policy(cost.policy()).behaviour().maxDelay())
                .min(Duration::compareTo)
                .map(most ->
                        waiting.acquire(new QueuedRequest(decider, listener, client, costs, buckets, waitedFor, most)))
                .orElseGet(() -> CompletableFuture.completedFuture(tryAcquire(client, costs, buckets)));
    }

    /**
     * Of how many clients, times policies, this instance remembers what a shared store has left them, to go on from
     * there if the store goes away; at most {@link WeirBuilder#localClients}. 0 on the memory store.
     */
    public int followed() {
        return guard.followed();
    }

    /**
     * For how many clients, times policies, a shared store is yet to be charged what this instance has permitted
     * without it. It grows while the store is away, and is back at 0 soon after its return.
     */
    public int debts() {
        return guard.debts();
    }

    /**
     * The permits that a shared store would be charged now for what this instance has permitted without it. What time
     * gives back is not charged, so that this may fall while the store is away. Looks at every one of the {@link
     * #debts}.
     */
    public long debtPermits() {
        return guard.debtPermits();
    }

    /** The requests that wait for their turn on this instance now. */
    public int waiting() {
        return waiting.size();
    }

    /**
     * Ends all waiting. Queued requests are rejected for {@link Reason#STORE_UNAVAILABLE}; from now on requests that
     * would have to wait are rejected at once. For an application that is about to end, and finishes what it has begun
     * before it closes this.
     */
    public void drain() {
        waiting.drain();
    }

    /**
     * The bucket of an id, whether it exists now or not.
     *
     * @throws IllegalArgumentException if the id is empty or too long
     */
    public Bucket bucket(String id) {
        return new Bucket(decider, listener, Names.requireId("a bucket's id", id));
    }

    Decider decider() {
        return decider;
    }

    LimiterListener listener() {
        return listener;
    }

    /** Changes limits at run time, for all instances. */
    public LimitAdmin limits() {
        return limits;
    }

    /**
     * Whether the store answers; if not, policies do what they say for that case. They also do so, and this does not
     * report it, from a late answer until a probe has decided whether it was more than that: at most one deadline.
     */
    public boolean storeUp() {
        return guard.storeUp();
    }

    /**
     * Why the store may lose what clients have used although it answers, in a few words: Redis that evicts keys, for
     * instance. Empty if it is not known to.
     */
    public Optional<String> storeDegraded() {
        return shared.degraded();
    }

    /** What the store has counted since it was opened; all 0 for a store that counts nothing. */
    public StoreCounts storeCounts() {
        return shared.counts();
    }

    /**
     * By how many instances, this one included, limits are divided while the store is away: the live ones that share
     * it, and at least {@link #minInstances(int)}. A higher number that the store reports is believed at once, a lower
     * one after four heartbeats in a row, about two seconds.
     */
    public int instances() {
        return instances.inForce();
    }

    /**
     * As {@link WeirBuilder#minInstances}, from now on.
     *
     * @throws IllegalArgumentException likewise
     */
    public void minInstances(int minInstances) {
        instances.atLeast(WeirBuilder.checkedInstances(minInstances));
    }

    /**
     * The ids of the live instances that share the store, asked of it now.
     *
     * @throws StoreException if the store does not answer
     */
    public List<String> instanceIds() {
        return guard.administer(Store::instances);
    }

    /**
     * Ends this limiter and closes its store. Queued requests are rejected ({@link #drain}). What was admitted without
     * the store is charged to it first if it answers, for a quarter of a second at most.
     */
    @Override
    public void close() {
        try {
            drain();
            if (collector != null) {
                collector.close();
            }
        } finally {
            end();
        }
    }

    private void end() {
        try {
            guard.close(); // What a close cuts off from here on is no failure of the store.
            if (refresh != null) {
                refresh.close();
            }
        } finally {
            store.close();
        }
    }
}
