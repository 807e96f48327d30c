package dev.weir.filter;

import dev.weir.Answer;
import dev.weir.Call;
import dev.weir.ChangeListener;
import dev.weir.LeaseCall;
import dev.weir.MemoryStore;
import dev.weir.Overrides;
import dev.weir.Page;
import dev.weir.Store;
import dev.weir.Subject;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A store that is not the memory store, though it decides like one: for tests that change one of its answers. */
class MemoryBackedStore implements Store {

    private final MemoryStore memory = new MemoryStore();

    @Override
    public CompletableFuture<Answer> tryAcquire(Call call) {
        return memory.tryAcquire(call);
    }

    @Override
    public CompletableFuture<Void> giveBack(Call charged, long atMicros) {
        return memory.giveBack(charged, atMicros);
    }

    @Override
    public CompletableFuture<Answer> lease(LeaseCall call) {
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
