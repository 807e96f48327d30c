package dev.weir;

import dev.weir.memory.MemoryStore;
import dev.weir.store.LeasableStore;
import dev.weir.store.Store;

/** Numbers that change, on one memory that several instances share. */
class MemoryChangingNumbersTest extends ChangingNumbersContract {

    private MemoryStore memory = new MemoryStore();

    @Override
    protected Store store() {
        return new LeasableStore(1, memory);
    }

    @Override
    protected void reset() {
        memory.close();
        memory = new MemoryStore();
    }

    @Override
    protected int histories() {
        return 20;
    }
}
