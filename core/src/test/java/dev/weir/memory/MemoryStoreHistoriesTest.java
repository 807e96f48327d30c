package dev.weir.memory;

import dev.weir.store.StoreHistories;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.lifecycle.AfterContainer;

class MemoryStoreHistoriesTest extends StoreHistories {

    private static final AtomicLong NOW_MICROS = new AtomicLong();
    private static final MemoryStore STORE = new MemoryStore(NOW_MICROS::get);

    @Override
    protected MemoryStore store() {
        return STORE;
    }

    @Override
    protected void setNowMicros(long nowMicros) {
        NOW_MICROS.set(nowMicros);
    }

    @Override
    protected void forget() {
        STORE.sweep();
    }

    @AfterContainer
    static void closeStore() {
        STORE.close();
    }
}
