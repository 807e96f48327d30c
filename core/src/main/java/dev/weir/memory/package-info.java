/**
 * The store in the memory of this process. It also keeps this instance's share of each limit while a shared store is
 * away.
 *
 * <p>May use {@link dev.weir.limit}, {@link dev.weir.store} and {@link dev.weir.fair}. Read first:
 * {@link dev.weir.memory.MemoryStore}, then {@code UsageTable}, which bounds what it keeps, and
 * {@link dev.weir.memory.MemoryPools}, which any store of one process can use.
 */
@NullMarked
package dev.weir.memory;

import org.jspecify.annotations.NullMarked;
