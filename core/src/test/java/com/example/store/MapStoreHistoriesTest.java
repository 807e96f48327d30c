package com.example.store;

import dev.weir.store.StoreHistories;
import java.util.concurrent.atomic.AtomicLong;

class MapStoreHistoriesTest extends StoreHistories {

    private static final AtomicLong NOW_MICROS = new AtomicLong();
    private static final MapStore STORE = new MapStore(NOW_MICROS::get);

    @Override
    protected MapStore store() {
        return STORE;
    }

    @Override
    protected void setNowMicros(long nowMicros) {
        NOW_MICROS.set(nowMicros);
    }

    @Override
    protected void forget() {
        STORE.heartbeat("instance");
    }
}
