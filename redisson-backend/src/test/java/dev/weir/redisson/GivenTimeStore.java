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
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/** A store that decides at a given time, and not at Redis's. Of several, each decision is by one of them, by chance. */
final class GivenTimeStore implements Store {

    private final List<RedissonStore> stores;
    private volatile long nowMicros;

    GivenTimeStore(Map<String, String> settings) {
        this(List.of(settings));
    }

    private GivenTimeStore(List<Map<String, String>> settings) {
        stores = settings.stream().map(Opened::store).toList();
    }

    /** One that calls functions, and one that may not. */
    static GivenTimeStore ofBothForms(String uri, Function<String[], Object> redis) {
        return new GivenTimeStore(List.of(
                Map.of(RedissonSettings.URI, uri),
                Map.of(RedissonSettings.URI, BothForms.withoutFunctions(uri, redis))));
    }

    private RedissonStore any() {
        return stores.get(ThreadLocalRandom.current().nextInt(stores.size()));
    }

    void setNowMicros(long nowMicros) {
        this.nowMicros = nowMicros;
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return any().tryAcquireAt(nowMicros, call);
    }

    @Override
    public CompletableFuture<Void> giveBack(StoreRequest charged, long atMicros) {
        return any().giveBackAt(nowMicros, charged, atMicros);
    }

    @Override
    public CompletableFuture<Void> owe(StoreRequest owed) {
        return any().oweAt(nowMicros, owed);
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return any().leaseAt(nowMicros, call);
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return any().overrides(subject);
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return any().replace(subject, expected, next);
    }

    @Override
    public void listen(ChangeListener listener) {
        stores.get(0).listen(listener);
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return any().list(kind, from, most);
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return any().instances();
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        return any().heartbeat(instanceId);
    }

    @Override
    public void close() {
        stores.forEach(Store::close);
    }
}
