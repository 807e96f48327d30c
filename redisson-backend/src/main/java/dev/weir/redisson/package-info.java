/**
 * The store that instances share: Redis, through Redisson.
 *
 * <p>Reading order: {@link dev.weir.redisson.RedissonStore} says what is assumed of Redis and what is kept there;
 * {@code RedisKeys} is where; {@code AcquireCall} is what one decision sends and gets back; {@code LuaScript} sends it,
 * once; {@code Batcher} lets calls leave together. {@code PoolRequest} and {@code pool.lua} are the same for pools. The
 * decision itself is made in {@code acquire.lua} and the parts that it needs, the twins of
 * {@link dev.weir.limit.TokenBucket} and {@link dev.weir.limit.FixedWindow}.
 * {@link dev.weir.redisson.RedissonStoreProvider} opens the store from {@code RedissonSettings}.
 */
@NullMarked
package dev.weir.redisson;

import org.jspecify.annotations.NullMarked;
