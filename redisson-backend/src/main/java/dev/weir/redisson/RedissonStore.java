package dev.weir.redisson;

import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.ChangeListener;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Store;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;

/**
 * The store that instances share: Redis, through Redisson. Thread-safe.
 *
 * <h2>Why Redis?</h2>
 *
 * A decision reads a small state, does a little arithmetic on it and writes it back, and nobody may come in between.
 * Redis runs a script on a state in memory, one script at a time: exactly that, without a lock and in one round trip.
 * It is what most clusters of web applications have already, and what is kept here is worth little: usage of the last
 * seconds or hours, gone by itself when it no longer matters. A database on disk would be slower by a magnitude and
 * would keep what nobody needs; a consensus service would be as slow and would need to be run.
 *
 * <h2>What is assumed of Redis</h2>
 *
 * <ul>
 *   <li>Version 5 or newer, or a server that is compatible: scripts, {@code TIME} in scripts that write, {@code SET ...
 *       PX}.
 *   <li>One node, a master with sentinels, or a cluster. Decisions are made by masters alone.
 *   <li>A {@code maxmemory-policy} of {@code noeviction} or {@code volatile-ttl}. The store asks one node when it
 *       connects, and warns of any other. When the memory is full,
 *       <ul>
 *         <li>{@code noeviction} forgets nothing. A call that would be charged fails, and its policy does what its
 *             {@code on-store-failure} says.
 *         <li>{@code volatile-ttl} evicts about in the order of expiry, first the usage that is whole again soonest. Of
 *             token buckets, those with long periods of which much is used stay limited; the others start anew, too
 *             early by no more than the time that their usage still had. Usage of one window expires all at once, so
 *             clients at the limit of a fixed or sliding window start anew as well. The list of instances is evicted
 *             too, again and again: meanwhile fewer instances are counted than live, and leases and local shares are
 *             larger.
 *         <li>{@code volatile-lru}, {@code volatile-lfu} and {@code volatile-random} evict usage, because every such
 *             key expires: clients at their limit start anew, while strangers fill the memory.
 *         <li>{@code allkeys-*} evict usage as well, and what was set at run time, for good.
 *       </ul>
 *   <li>Its clock runs at the right speed. Which time it shows does not matter, and instances' clocks are not used at
 *       all. If it steps back, as after a fail-over to a node whose clock is behind, no client waits longer than its
 *       own period. If it steps forward, permits that are leased, at most a tenth of a limit or a quarter of a pool's
 *       burst, may be spent beside what that time is worth.
 * </ul>
 *
 * <h2>What is stored</h2>
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><th>key</th><th>value</th><th>until</th></tr>
 * <tr><td>{@code weir:{17}:search:alice}</td><td>what client alice has used of policy search: 30 bytes, and 28 more
 *     while permits of a token bucket are leased; under a sliding log a list of 14 bytes for each moment of the last
 *     period</td><td>the client has its whole limit again, and no lease is out</td></tr>
 * <tr><td>{@code weir:{17}:clients}, {@code weir:{17}:buckets}</td><td>a hash of what is set at run time for the
 *     clients and buckets of a shard, by id: a version and a text</td><td>it is taken away</td></tr>
 * <tr><td>{@code weir:{pool:backend}:state}, {@code ...:weighted}, {@code ...:minimal},
 *     {@code ...:members}</td><td>what is in use of pool backend, and of its clients that have something in it: 99
 *     bytes, and 28 more while permits are leased; two sorted sets, a hash</td><td>the pool is empty; the sets and the
 *     hash at most a minute longer</td></tr>
 * <tr><td>{@code weir:{pool:backend}:usage:search:alice}</td><td>what client alice, who shares the pool under policy
 *     search, has used of her own limit</td><td>she has her whole limit again</td></tr>
 * <tr><td>{@code weir:{all}:shards}</td><td>the number of shards</td><td>for ever</td></tr>
 * <tr><td>{@code weir:{all}:instances}</td><td>ids of live instances, by when each was last seen</td><td>5 s after
 *     the last one was</td></tr>
 * </table>
 *
 * The braces hold the client's shard: the CRC-32 of its id modulo the number of shards. In a cluster it decides which
 * node has the key; all keys of one client are together, so several limits are decided atomically there too. The number
 * of shards can only change while no instance runs: delete {@code weir:{all}:shards} and start all with the new one;
 * usage starts over.
 *
 * <p>An active client takes about 100 bytes, plus the length of its id, for each policy, and under a sliding log up to
 * 17 more for each of its permits; while permits are leased about 30 more; an idle one none. A value under
 * such a key that is none of ours, or that a later version wrote, counts as no usage at all and is overwritten by the
 * next charge: one burst too many, rather than refusing the client for ever. The first is logged.
 *
 * <h2>Scale</h2>
 *
 * A decision takes one round trip, and Redis a time that does not depend on the number of clients. Calls that arrive
 * while others are under way leave together, up to 64 in one script call: what a call costs on both sides, beside the
 * decision itself, is then paid once. Nothing waits for company. A request in a batch that fails, fails alone, and has
 * charged nothing; but requests on one pool, whose state is read and written once for all, fail together, and a part of
 * them may then have been noted.
 *
 * <p>In a cluster, shards spread over the masters, and with them the load; a single client and its keys stay on one,
 * and a batch holds calls of one shard only. The more shards, the smaller are the batches: 64 spread evenly over a few
 * masters. Each instance holds 4 connections that carry many calls at once, and one on which changes at run time are
 * announced.
 *
 * <h2>Consistency, and what can be lost</h2>
 *
 * While a master lives, decisions on one client are made one after the other: exact over all instances. Redis
 * replicates after it has answered, so a fail-over may lose the last charges, as many as fit in the lag, usually
 * milliseconds: those permits can be taken once more, and so can those that a lost write had lent, or carried from one
 * lease into the next. A Redis that restarts empty, or is flushed, gives every client its whole limit once. Neither
 * ever makes a client wait.
 *
 * <p>A call is sent once. If its answer is lost, it may have been charged or not; it is never charged twice, and fails
 * with {@link Kind#TIMEOUT}, or {@link Kind#UNREACHABLE} where the connection broke. Calls fail with
 * {@code UNREACHABLE} at once while there is no connection, and with {@link Kind#ERROR} where Redis answers with an
 * error, or where this instance counts with another number of shards than Redis.
 *
 * <p>While Redis is away the store itself logs one line. Redisson, under {@code org.redisson}, logs more: in a cluster
 * or with sentinels an error with a stack trace at each look for another master, about one a second. Set that logger to
 * {@code OFF} if it is not wanted; what it says reaches the caller anyway.
 */
public final class RedissonStore implements Store {

    private static final Logger LOG = System.getLogger(RedissonStore.class.getName());

    private static final LuaScript INSTANCES = LuaScript.of("instances.lua");
    private static final CompletableFuture<@Nullable Void> DONE = CompletableFuture.completedFuture(null);

    private final RedisKeys keys;
    private final Connection connection;
    private final Announcements announcements = new Announcements();
    private final AtomicBoolean saidUnreadable = new AtomicBoolean();

    /** Where calls wait to leave together: the first for all of one node, or one for each shard of a cluster. */
    private final List<Batcher<AcquireCall>> batchers;

    /** The same for each pool, which has a slot of its own. */
    private final Map<String, Batcher<PoolRequest>> poolBatchers = new ConcurrentHashMap<>();

    private RedissonStore(RedisKeys keys, Connection connection) {
        this.keys = keys;
        this.connection = connection;
        this.batchers = IntStream.range(0, keys.shards())
                .mapToObj(shard -> batcher(AcquireScript.REDIS_TIME))
                .toList();
    }

    /**
     * A store on the application's own client, over 64 shards. As {@link #using(RedissonClient, int)}.
     *
     * @throws IllegalArgumentException if Redis is already used with another number of shards
     */
    public static RedissonStore using(RedissonClient existing) {
        return using(existing, RedissonSettings.DEFAULT_SHARDS);
    }

    /**
     * A store on the application's own client, which {@link #close} leaves open. The client's mapping of names applies
     * to the store's keys; its codec, retries and read mode do not. How fast it connects again is up to its own
     * configuration.
     *
     * @param shards over how many shards clients are spread, 1 to 16,384; the same on every instance
     * @throws IllegalArgumentException if {@code shards} is out of its range, or Redis is already used with another
     * number
     */
    public static RedissonStore using(RedissonClient existing, int shards) {
        return open(() -> existing, false, shards, "the application's Redis");
    }

    static RedissonStore open(Supplier<RedissonClient> connecting, boolean owned, int shards, String target) {
        RedisKeys keys = new RedisKeys(RedissonSettings.checkedShards(shards));
        return new RedissonStore(keys, Connection.open(connecting, owned, shards, target));
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return tryAcquire(call, AcquireScript.REDIS_TIME);
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return lease(call, AcquireScript.REDIS_TIME);
    }

    /** As {@link #tryAcquire(StoreRequest)}, at a given time. Keys then live an hour longer than they are worth. */
    CompletableFuture<StoreReply> tryAcquireAt(long nowMicros, StoreRequest call) {
        return tryAcquire(call, Long.toString(nowMicros));
    }

    private CompletableFuture<StoreReply> tryAcquire(StoreRequest call, String time) {
        return call.share() == null
                ? decide(() -> AcquireCall.of(keys, call), time)
                : decideOnPool(PoolRequest.of(call), time);
    }

    /** As {@link #lease}, at a given time. */
    CompletableFuture<StoreReply> leaseAt(long nowMicros, LeaseCall call) {
        return lease(call, Long.toString(nowMicros));
    }

    private CompletableFuture<StoreReply> lease(LeaseCall call, String time) {
        return call.share() == null
                ? decide(() -> AcquireCall.of(keys, call), time)
                : decideOnPool(PoolRequest.of(call), time);
    }

    private CompletableFuture<StoreReply> decide(Supplier<AcquireCall> asked, String time) {
        return connection.with(connected -> {
            AcquireCall call = asked.get();
            if (!time.equals(AcquireScript.REDIS_TIME)) {
                return batcher(time).ask(call);
            }
            return batchers.get(connection.isCluster() ? call.shard() : 0).ask(call);
        });
    }

    private Batcher<AcquireCall> batcher(String time) {
        return new Batcher<>(calls -> send(calls, time));
    }

    private CompletableFuture<StoreReply> decideOnPool(PoolRequest request, String time) {
        if (!time.equals(AcquireScript.REDIS_TIME)) {
            return poolBatcher(time).ask(request);
        }
        return poolBatchers
                .computeIfAbsent(request.pool().name(), name -> poolBatcher(AcquireScript.REDIS_TIME))
                .ask(request);
    }

    private Batcher<PoolRequest> poolBatcher(String time) {
        return new Batcher<>(requests -> connection.with(connected -> PoolScript.run(connected, requests, time)));
    }

    @Override
    public CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros) {
        return giveBack(charged, atMicros, AcquireScript.REDIS_TIME);
    }

    /** As {@link #giveBack}, at a given time. */
    CompletableFuture<@Nullable Void> giveBackAt(long nowMicros, StoreRequest charged, long atMicros) {
        return giveBack(charged, atMicros, Long.toString(nowMicros));
    }

    private CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros, String time) {
        return connection.with(connected -> charged.share() == null
                ? GiveBackScript.run(connected, AcquireCall.of(keys, charged), atMicros, time)
                : PoolScript.giveBack(connected, PoolRequest.of(charged), atMicros, time));
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        CompletableFuture<StoreReply> asked = decide(() -> AcquireCall.lookUp(keys, subject), AcquireScript.REDIS_TIME);
        CompletableFuture<Overrides> overrides = asked.thenApply(answer -> ((StoreReply.Outdated) answer).overrides());
        overrides.whenComplete((found, failure) -> asked.cancel(false)); // Of use only if the caller has cancelled it.
        return overrides;
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return connection.with(connected -> new RedisOverrides(connected, keys).replace(subject, expected, next));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Changes are published on one topic, {@code weir:{all}:changes}, by the script that makes them. The
     * subscription needs a connection of its own, which Redisson makes again when it was lost, and a user who may use
     * that channel ({@code &weir:*} in Redis's access control lists): without it changes hold within a second, and one
     * warning says so.
     */
    @Override
    public void listen(ChangeListener listener) {
        announcements.add(listener);
        subscribe();
    }

    /** Again with each heartbeat: Redis may not have been there before. */
    private void subscribe() {
        connection.with(connected -> {
            announcements.subscribe(connected);
            return DONE;
        });
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return connection.with(connected -> new RedisOverrides(connected, keys).list(kind, from, most));
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return connection.with(connected -> INSTANCES.run(
                connected,
                List.of(RedisKeys.INSTANCES),
                reply -> reply.stream().map(String.class::cast).toList(),
                Connection.ALIVE_MICROS));
    }

    private CompletableFuture<List<Reply>> send(List<AcquireCall> calls, String time) {
        return connection
                .with(connected -> AcquireScript.run(connected, calls, time))
                .thenApply(replies -> {
                    for (int i = 0; i < replies.size(); i++) {
                        int unreadable = replies.get(i).unreadable();
                        if (unreadable > 0) {
                            warnOfUnreadable(calls.get(i).keys().get(unreadable));
                        }
                    }
                    return replies;
                });
    }

    private void warnOfUnreadable(String key) {
        if (saidUnreadable.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "the value under {0} in {1} is none of this store: it counts as no usage and is overwritten; later ones are not logged",
                    key.replaceAll("\\p{Cntrl}", "?"),
                    connection.target());
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Instances count that were seen in the last 5 s. This one no longer does once it is closed.
     *
     * @throws IllegalArgumentException if the id is empty
     */
    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        if (instanceId.isEmpty()) {
            throw new IllegalArgumentException("an instance's id must not be empty");
        }
        return connection.heartbeat(instanceId).thenApply(live -> {
            subscribe();
            return live;
        });
    }

    /** Takes this instance out of those that live, and closes the connection if it is the store's own. */
    @Override
    public void close() {
        announcements.close();
        connection.close();
    }
}
