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

    /** Also what the store would keep for a second more, in case its client comes again. */
    @Override
    protected void forget() {
        NOW_MICROS.addAndGet(UsageTable.KEPT_MICROS);
        STORE.sweep();
        NOW_MICROS.addAndGet(-UsageTable.KEPT_MICROS);
    }

    @AfterContainer
    static void closeStore() {
        STORE.close();
    }
}
