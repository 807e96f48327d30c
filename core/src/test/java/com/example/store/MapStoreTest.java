package com.example.store;

import dev.weir.store.StoreContract;
import java.util.concurrent.atomic.AtomicLong;

/** All that a store of one's own needs, to be held to the contract. */
class MapStoreTest extends StoreContract {

    private final AtomicLong nowMicros = new AtomicLong();
    private final MapStore store = new MapStore(nowMicros::get);

    @Override
    protected MapStore store() {
        return store;
    }

    @Override
    protected void setNowMicros(long nowMicros) {
        this.nowMicros.set(nowMicros);
    }
}
