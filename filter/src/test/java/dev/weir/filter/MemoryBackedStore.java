package dev.weir.filter;

import dev.weir.memory.MemoryStore;
import dev.weir.store.ChangeListener;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Store;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A store that is not the memory store, though it decides like one: for tests that change one of its answers. */
public class MemoryBackedStore implements Store {

    private final MemoryStore memory = new MemoryStore();

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return memory.tryAcquire(call);
    }

    @Override
    public CompletableFuture<Void> giveBack(StoreRequest charged, long atMicros) {
        return memory.giveBack(charged, atMicros);
    }

    @Override
    public CompletableFuture<Void> owe(StoreRequest owed) {
        return memory.owe(owed);
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return memory.lease(call);
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return memory.overrides(subject);
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return memory.replace(subject, expected, next);
    }

    @Override
    public void listen(ChangeListener listener) {
        memory.listen(listener);
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return memory.list(kind, from, most);
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        return memory.heartbeat(instanceId);
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return memory.instances();
    }

    @Override
    public void close() {
        memory.close();
    }
}
