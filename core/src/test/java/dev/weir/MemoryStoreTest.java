package dev.weir;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

class MemoryStoreTest extends StoreContract {

    private final AtomicLong nowMicros = new AtomicLong();
    private final MemoryStore store = new MemoryStore(nowMicros::get);

    @Override
    protected MemoryStore store() {
        return store;
    }

    @Override
    protected void setNowMicros(long nowMicros) {
        this.nowMicros.set(nowMicros);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }
}
