package dev.weir.lease;

import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.MicrosClock;

/** Until when the store had nothing left of a limit: not a permit that is neither in use nor leased. */
final class StoreRoom {

    private final MemoryStore store;
    private final TokenBucket limit;
    private final MicrosClock clock;
    private long emptyUntilMicros;

    StoreRoom(MemoryStore store, TokenBucket limit, MicrosClock clock) {
        this.store = store;
        this.limit = limit;
        this.clock = clock;
    }

    /** The store has decided something: time alone changes it until the next decision. */
    void changed() {
        long nowMicros = clock.nowMicros();
        long roomAfter = limit.retryAfterMicros(
                limit.advance(store.state(ScaleInstance.CLIENT, ScaleInstance.POLICY), nowMicros), nowMicros, 1);
        emptyUntilMicros = roomAfter > 0 ? nowMicros + roomAfter : Math.min(emptyUntilMicros, nowMicros);
    }

    /** For how long there had been a permit then, and still is; negative if there was none at some moment since. */
    long wasThereForMicros(long sinceMicros) {
        return sinceMicros - emptyUntilMicros;
    }
}
