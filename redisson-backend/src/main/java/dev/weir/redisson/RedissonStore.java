package dev.weir.redisson;

import dev.weir.store.ChangeListener;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Store;
import dev.weir.store.StoreCounts;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * The store that instances share: Redis, through Redisson. Thread-safe.
 *
 * <h2>Why Redis?</h2>
 *
 * A decision reads a small state, does a little arithmetic on it and writes it back, and no other decision may come in
 * between. Redis runs a script on a state in memory, one script at a time: exactly that, without a lock and in one
 * round trip. Most clusters of web applications have a Redis already. What is kept here is worth little: usage of the
 * last seconds or hours, which expires by itself when it no longer matters. A database on disk would be slower by an
 * order of magnitude and would keep what is no longer needed; a consensus service would be as slow, and one more
 * service to run.
 *
 * <h2>What is assumed of Redis</h2>
 *
 * <ul>
 *   <li>Version 5 or newer, or a server that is compatible: scripts, {@code TIME} in scripts that write, {@code SET ...
 *       PX}.
 *   <li>One node, a master with sentinels, or a cluster. Decisions are made by masters alone.
 *   <li>A {@code maxmemory-policy} of {@code noeviction} or {@code volatile-ttl}. The store asks every
 *       master when it connects and every 10 s, and warns of any other, and of keys that are evicted. It needs the
 *       command {@code INFO} for that; without it, one line says so. When the memory is full,
 *       <ul>
 *         <li>{@code noeviction} forgets nothing. A call that would be charged fails, and its policy does what its
 *             {@code on-store-failure} says.
 *         <li>{@code volatile-ttl} evicts about in the order of expiry, first the usage that expires soonest. Of
 *             token buckets, those with long periods of which much is used stay limited; the others start anew, too
 *             early by no more than the time that their usage still had. Usage of one window expires all at once, so
 *             clients at the limit of a fixed or sliding window start anew as well.
 *         <li>{@code volatile-lru}, {@code volatile-lfu} and {@code volatile-random} evict usage, because every such
 *             key expires: clients at their limit start anew, while ids that are seen once fill the memory.
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
 *     clients and buckets of a shard, by id: a version and a text</td><td>it is removed</td></tr>
 * <tr><td>{@code weir:{pool:backend}:state}, {@code ...:weighted}, {@code ...:minimal},
 *     {@code ...:members}</td><td>what is in use of pool backend, and of its clients that have something in it: 99
 *     bytes, and 28 more while permits are leased; two sorted sets, a hash</td><td>the pool is empty; the sets and the
 *     hash at most a minute longer</td></tr>
 * <tr><td>{@code weir:{pool:backend}:usage:search:alice}</td><td>what client alice, which shares the pool under policy
 *     search, has used of its own limit</td><td>the client has its whole limit again</td></tr>
 * <tr><td>{@code weir:{all}:shards}</td><td>the number of shards, and the fingerprint of their secret</td><td>for
 *     ever</td></tr>
 * <tr><td>{@code weir:{all}:instances}</td><td>ids of live instances, by when each was last seen</td><td>the last
 *     one is closed. It does not expire, so that no policy but {@code allkeys-*} evicts it; an id does not count after
 *     5 s</td></tr>
 * </table>
 *
 * With a prefix, {@code weir.redis.prefix}, all of them and the topic {@code weir:{all}:changes} begin with it and a
 * colon: {@code shop:weir:{17}:search:alice}. Applications on one Redis that have different prefixes share nothing, and
 * do not count as each other's instances.
 *
 * <p>The braces hold the client's shard: the CRC-32 of its id modulo the number of shards, or with a secret its
 * HMAC-SHA-256, so that a stranger cannot choose one. In a cluster it decides which node has the key; all keys of one
 * client are together, so several limits are decided atomically there too. The number of shards and their secret can
 * only change while no instance runs: delete {@code weir:{all}:shards} and start all with the new ones; usage starts
 * over.
 *
 * <p>An active client takes about 100 bytes, plus the length of its id, for each policy, and under a sliding log up to
 * 17 more for each of its permits; while permits are leased about 30 more. An idle client takes none. A value under
 * such a key that this store did not write, or that a later version wrote, counts as no usage at all and is overwritten
 * by the next charge: one burst too many, rather than refusing the client for ever. The first one is logged.
 *
 * <h2>Scale</h2>
 *
 * A decision takes one round trip, and Redis a time that does not depend on the number of clients. Calls that arrive
 * while others are under way leave together, up to 64 in one script call: what a call costs on both sides, beside the
 * decision itself, is then paid once. No call waits for others to come. A request in a batch that fails, fails alone,
 * and has charged nothing; but requests on one pool, whose state is read and written once for all, fail together, and
 * some of them may have been charged.
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
 * milliseconds: those permits can be taken once more, and so can those that a lost write had leased, or carried from
 * one lease into the next. A Redis that restarts empty, or is flushed, gives every client its whole limit once. Neither
 * ever makes a client wait.
 *
 * <p>A call is sent once. If its answer is lost, it may have been charged or not; it is never charged twice, and fails
 * with {@link Kind#TIMEOUT}, or {@link Kind#UNREACHABLE} where the connection broke. Calls fail with
 * {@code UNREACHABLE} at once while there is no connection, and with {@link Kind#ERROR} where Redis answers with an
 * error, or where this instance has other shards than Redis is used with.
 *
 * <p>While Redis is away the store itself logs one line. Redisson, under {@code org.redisson}, logs more: in a cluster
 * or with sentinels an error with a stack trace at each look for another master, about one a second. Set that logger to
 * {@code OFF} if that is not wanted; callers get these failures anyway.
 */
public final class RedissonStore implements Store {

    private static final Logger LOG = System.getLogger(RedissonStore.class.getName());

    private static final String APPLICATIONS = "the application's Redis";
    private static final CompletableFuture<@Nullable Void> DONE = CompletableFuture.completedFuture(null);

    private final RedisKeys keys;
    private final Connection connection;
    private final CallBatches batches;
    private final Announcements announcements;

    private RedissonStore(RedisKeys keys, Connection connection) {
        this.keys = keys;
        this.connection = connection;
        this.batches = new CallBatches(connection, keys);
        this.announcements = new Announcements(keys.changes());
    }

    /**
     * A store on the application's own client, over 64 shards. As {@link #using(RedissonClient, int)}.
     *
     * @throws IllegalArgumentException if Redis is already used with other shards
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
     * @throws IllegalArgumentException if {@code shards} is out of its range, or Redis is already used with other
     *     shards
     */
    public static RedissonStore using(RedissonClient existing, int shards) {
        return open(() -> existing, false, new RedisKeys(RedissonSettings.checkedShards(shards)), APPLICATIONS);
    }

    /**
     * As {@link #using(RedissonClient, int)}, for an application that shares its Redis with another one that is
     * limited: their policies, clients and instances are kept apart by their prefixes.
     *
     * @param prefix what all keys and the topic begin with, before a colon: {@code shop} for
     *     {@code shop:weir:{17}:search:alice}. 1 to 64 letters, digits, dots, hyphens, underscores and colons
     * @throws IllegalArgumentException likewise, or if {@code prefix} is not one
     */
    public static RedissonStore using(RedissonClient existing, int shards, String prefix) {
        String begin = RedissonSettings.checkedPrefix(prefix);
        return open(() -> existing, false, new RedisKeys(begin, RedissonSettings.checkedShards(shards)), APPLICATIONS);
    }

    /**
     * As {@link #using(RedissonClient, int, String)}, with what a configuration says: {@code weir.redis.shards}, {@code
     * weir.redis.shard-secret} and {@code weir.redis.prefix}, of the {@linkplain RedissonStoreProvider#keys keys} of
     * this store. Its other keys, which say where Redis is, mean nothing here.
     *
     * @param settings the value of a key, or null if it is not set
     * @throws IllegalArgumentException if a value is wrong, or Redis is already used with other shards; the
     *     message names key, value and what is allowed, and no secret
     */
    public static RedissonStore using(RedissonClient existing, UnaryOperator<@Nullable String> settings) {
        if (settings.apply(RedissonSettings.PASSWORD_FILE) != null) {
            LOG.log(
                    Level.WARNING,
                    "{0} is set, and not used: the application''s RedissonClient has a password of its own",
                    RedissonSettings.PASSWORD_FILE);
        }
        return open(() -> existing, false, RedissonSettings.keys(settings), APPLICATIONS);
    }

    /**
     * A store on a client of its own, which {@link #close} closes. Waits until the first attempt to connect has
     * succeeded or failed, 30 s at most; if Redis is away, the store connects by itself later.
     *
     * @param config where Redis is. Changed in it are its codec, its retries, its delay between reconnections, how
     *     often it asks sentinels or a cluster for the master, and when it gives up a node: never. Its cache of scripts
     *     is switched off, and its hook for Netty is called by one of the store's
     * @param user of Redis, set in {@code config} where the Redisson that is there has it; null to leave what it has
     * @param password likewise
     * @param settings as in {@link #using(RedissonClient, UnaryOperator)}, and {@code weir.redisson.password-file}
     * @throws IllegalArgumentException likewise; or if {@code config} names no server; or if the file with the password
     *     is none, {@code config} has a password beside it, or it has sentinels
     */
    public static RedissonStore connecting(
            Config config, @Nullable String user, @Nullable String password, UnaryOperator<@Nullable String> settings) {
        RedissonVersion.require();
        RedisKeys keys = RedissonSettings.keys(settings);
        new ServerCredentials(config, RedissonSettings.servers(config)).set(user, password);
        Config bounded = RedissonSettings.withPassword(
                RedissonSettings.reconnecting(config), settings.apply(RedissonSettings.PASSWORD_FILE));
        return open(() -> Redisson.create(bounded), true, keys, "the Redis of the given configuration");
    }

    static RedissonStore open(Supplier<RedissonClient> connecting, boolean owned, RedisKeys keys, String target) {
        RedissonVersion.require();
        return new RedissonStore(keys, Connection.open(connecting, owned, keys, target));
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
                ? batches.decide(() -> AcquireCall.of(keys, call), time)
                : batches.decideOnPool(PoolRequest.of(call), time);
    }

    /** As {@link #lease}, at a given time. */
    CompletableFuture<StoreReply> leaseAt(long nowMicros, LeaseCall call) {
        return lease(call, Long.toString(nowMicros));
    }

    private CompletableFuture<StoreReply> lease(LeaseCall call, String time) {
        return call.share() == null
                ? batches.decide(() -> AcquireCall.of(keys, call), time)
                : batches.decideOnPool(PoolRequest.of(call), time);
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
                : PoolScript.giveBack(connected, keys, PoolRequest.of(charged), atMicros, time));
    }

    @Override
    public CompletableFuture<@Nullable Void> owe(StoreRequest owed) {
        return owe(owed, AcquireScript.REDIS_TIME);
    }

    /** As {@link #owe}, at a given time. */
    CompletableFuture<@Nullable Void> oweAt(long nowMicros, StoreRequest owed) {
        return owe(owed, Long.toString(nowMicros));
    }

    private CompletableFuture<@Nullable Void> owe(StoreRequest owed, String time) {
        return connection.with(connected -> owed.share() == null
                ? OweScript.run(connected, keys, owed, time)
                : PoolScript.owe(connected, keys, PoolRequest.of(owed), time));
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        CompletableFuture<StoreReply> asked =
                batches.decide(() -> AcquireCall.lookUp(keys, subject), AcquireScript.REDIS_TIME);
        CompletableFuture<Overrides> overrides = asked.thenApply(answer -> ((StoreReply.Outdated) answer).overrides());
        overrides.whenComplete((found, failure) -> asked.cancel(false)); // Of use only if the caller has cancelled it.
        return overrides;
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return connection.with(connected ->
                new RedisOverrides(connected, keys).replace(subject, expected, next, announcements::published));
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
            announcements.subscribe(connected.redisson());
            return DONE;
        });
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return connection.with(connected -> new RedisOverrides(connected, keys).list(kind, from, most));
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return connection.with(new LiveInstances(keys)::list);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Counts the instances that were seen in the last 5 s. An instance that is closed no longer counts.
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
            connection.with(connected -> connection.evictions().look(connected.redisson()));
            return live;
        });
    }

    /**
     * {@inheritDoc}
     *
     * <p>That is so while Redis evicts keys: from the first look that finds it, within 10 s, until a minute after the
     * last one. Keys of others that it evicts count too.
     */
    @Override
    public Optional<String> degraded() {
        return connection.evictions().degraded();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Batches are those of decisions and leases. What is given back, owed or set at run time, and heartbeats, are
     * round trips beside them.
     */
    @Override
    public StoreCounts counts() {
        return new StoreCounts(
                batches.sent(), batches.sentCalls(), connection.evictions().total());
    }

    /** Removes this instance from the live ones, and closes the connection if it is the store's own. */
    @Override
    public void close() {
        try {
            connection.close(announcements::close);
        } finally {
            batches.close();
        }
    }
}
