package dev.weir.redisson;

import dev.weir.store.ChangeListener;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Store;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A store that decides at a given time, and not at Redis's. */
final class GivenTimeStore implements Store {

    private final RedissonStore store;
    private volatile long nowMicros;

    GivenTimeStore(Map<String, String> settings) {
        store = Opened.store(settings);
    }

    void setNowMicros(long nowMicros) {
        this.nowMicros = nowMicros;
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return store.tryAcquireAt(nowMicros, call);
    }

    @Override
    public CompletableFuture<Void> giveBack(StoreRequest charged, long atMicros) {
        return store.giveBackAt(nowMicros, charged, atMicros);
    }

    @Override
    public CompletableFuture<Void> owe(StoreRequest owed) {
        return store.oweAt(nowMicros, owed);
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return store.leaseAt(nowMicros, call);
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return store.overrides(subject);
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return store.replace(subject, expected, next);
    }

    @Override
    public void listen(ChangeListener listener) {
        store.listen(listener);
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return store.list(kind, from, most);
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return store.instances();
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        return store.heartbeat(instanceId);
    }

    @Override
    public void close() {
        store.close();
    }
}
