package dev.weir.redisson;

import dev.weir.Charge;
import dev.weir.Decision;
import dev.weir.Store;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A store that decides at the time it is told, and not at Redis's. */
final class ToldTimeStore implements Store {

    private final RedissonStore store;
    private volatile long nowMicros;

    ToldTimeStore(Map<String, String> settings) {
        store = Opened.store(settings);
    }

    void setNowMicros(long nowMicros) {
        this.nowMicros = nowMicros;
    }

    @Override
    public CompletableFuture<List<Decision>> tryAcquire(String client, List<Charge> charges) {
        return store.tryAcquireAt(nowMicros, client, charges);
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
