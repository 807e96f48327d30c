package dev.weir.store;

/**
 * What a store has counted since it was opened, of this instance's calls and of what it saw. Numbers only grow.
 *
 * @param batches round trips in which calls were sent together; a call that was sent alone is a batch of one
 * @param batchedCalls the calls in these: divided by the batches, how many share a round trip
 * @param evictedKeys keys that the store was seen to evict for want of memory, those of other applications included
 */
public record StoreCounts(long batches, long batchedCalls, long evictedKeys) {

    /** Of a store that counts nothing. */
    public static final StoreCounts NONE = new StoreCounts(0, 0, 0);
}
