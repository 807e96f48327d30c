package dev.weir.redisson;

import dev.weir.store.Subject;
import java.util.List;

/**
 * Every key that is kept in Redis.
 *
 * <p>The part in the first pair of braces is all that Redis Cluster hashes, so the keys of one client are in one slot,
 * whatever its id contains. A policy's name has no colon: no two pairs of policy and client share a key.
 *
 * @param prefix what all of them begin with, "shop:" for instance; empty if applications need not be kept apart. It has
 *     no brace: so the first pair of a key is the store's, and keys of different prefixes are different
 * @param sharding over which shards clients are spread
 */
record RedisKeys(String prefix, Sharding sharding) {

    static final int MIN_SHARDS = 1;

    /** There are as many slots in a cluster: more could not spread further. */
    static final int MAX_SHARDS = 16_384;

    /** The keys without a prefix; the methods of the same names put it before. */
    static final String INSTANCES = "weir:{all}:instances";

    static final String SHARDS = "weir:{all}:shards";

    static final String CHANGES = "weir:{all}:changes";

    /** Without a secret. */
    RedisKeys(String prefix, int shards) {
        this(prefix, new Sharding(shards, null));
    }

    /** Without a prefix and a secret. */
    RedisKeys(int shards) {
        this("", shards);
    }

    /** Over how many shards clients are spread. */
    int shards() {
        return sharding.count();
    }

    /** Ids of the live instances, scored by when each was last seen; shares a slot with {@link #shardsInForce}. */
    String instances() {
        return prefix + INSTANCES;
    }

    /** The number of shards in force, and the fingerprint of their secret. */
    String shardsInForce() {
        return prefix + SHARDS;
    }

    /** The topic on which changes of what is set at run time are published; not a key. */
    String changes() {
        return prefix + CHANGES;
    }

    /** What is set for a subject at run time, together with all others of its kind in its shard. */
    String overrides(Subject subject) {
        return overrides(subject.kind(), shard(subject.id()));
    }

    String overrides(Subject.Kind kind, int shard) {
        return prefix + "weir:{" + shard + "}:" + (kind == Subject.Kind.CLIENT ? "clients" : "buckets");
    }

    /** What {@code client} has used of {@code policy}. */
    String usage(String client, String policy) {
        return usage(shard(client), client, policy);
    }

    /** As {@link #usage(String, String)}, where the shard of {@code client} is known. */
    String usage(int shard, String client, String policy) {
        return prefix + "weir:{" + shard + "}:" + policy + ":" + client;
    }

    /**
     * What is kept of a pool: its state, the clients in it that have a weight, those of weight 0, and what else is
     * remembered of them. All in one slot, with what clients have used of their own limits beside it.
     */
    List<String> pool(String pool) {
        String begin = poolBegin(pool);
        return List.of(begin + "state", begin + "weighted", begin + "minimal", begin + "members");
    }

    /** What {@code client} has used of its own limit beside a pool. */
    String poolUsage(String pool, String usage, String client) {
        return poolBegin(pool) + "usage:" + usage + ":" + client;
    }

    private String poolBegin(String pool) {
        return prefix + "weir:{pool:" + pool + "}:";
    }

    int shard(String client) {
        return sharding.shardOf(client);
    }
}
