package dev.weir.lease;

import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.MicrosClock;

/** Until when the store had too little left of a limit: permits that are neither in use nor leased. */
final class StoreRoom {

    private final MemoryStore store;
    private final TokenBucket limit;
    private final MicrosClock clock;
    private final long cost;
    private long emptyUntilMicros;

    /** @param cost so many permits are enough */
    StoreRoom(MemoryStore store, TokenBucket limit, MicrosClock clock, long cost) {
        this.store = store;
        this.limit = limit;
        this.clock = clock;
        this.cost = cost;
    }

    /** The store has decided something: time alone changes it until the next decision. */
    void changed() {
        long nowMicros = clock.nowMicros();
        long roomAfter = limit.retryAfterMicros(
                limit.advance(store.state(ScaleInstance.CLIENT, ScaleInstance.POLICY), nowMicros), nowMicros, cost);
        emptyUntilMicros = roomAfter > 0 ? nowMicros + roomAfter : Math.min(emptyUntilMicros, nowMicros);
    }

    /** For how long there had been enough then, and still is; negative if there was too little at some moment since. */
    long wasThereForMicros(long sinceMicros) {
        return sinceMicros - emptyUntilMicros;
    }
}
