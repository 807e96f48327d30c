/**
 * The store that instances share: Redis, through Redisson.
 *
 * <p>May use {@code dev.weir.store}, {@code dev.weir.limit}, {@code dev.weir.fair} and Redisson. Read first:
 * {@link dev.weir.redisson.RedissonStore} says what is assumed of Redis and what is kept there;
 * {@code RedisKeys} is where; {@code AcquireCall} is what one decision sends and gets back; {@code ScriptRunner} sends
 * it, once, as a function of the {@code FunctionLibrary} or as a {@code LuaScript}; {@code Batcher} lets calls leave
 * together. {@code PoolRequest} and {@code pool.lua} are the same for pools. The
 * decision itself is made in {@code acquire.lua} and the parts that it needs, the twins of the algorithms in
 * {@code dev.weir.limit}.
 * {@link dev.weir.redisson.RedissonStoreProvider} opens the store from {@code RedissonSettings}.
 */
@NullMarked
package dev.weir.redisson;

import org.jspecify.annotations.NullMarked;
