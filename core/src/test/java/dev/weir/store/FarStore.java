package dev.weir.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store behind a network, on virtual time: calls and answers take a while, get lost while the connection is cut, and
 * wait while the store is stopped.
 */
public final class FarStore implements Store {

    private static final int LONGEST_MICROS = 400;
    private static final long HEARTBEAT_MILLIS = 100;

    /** Does the work. */
    public Store store;

    private final Set<String> instances;
    private final Random random;
    private final ScheduledExecutorService network;

    /** Whether calls and answers get lost. */
    public boolean isCut;

    /** Calls that wait for a store that has been stopped; null while it runs. */
    private @Nullable List<Runnable> held;

    public long calls;

    /**
     * @param store does the work; of all instances
     * @param instances those that are alive; of all instances
     */
    public FarStore(Store store, Set<String> instances, Scheduler scheduler, Random random) {
        this.store = store;
        this.instances = instances;
        this.random = random;
        this.network = scheduler.worker("network", Integer.MAX_VALUE);
    }

    private <T> CompletableFuture<T> far(Supplier<CompletableFuture<T>> call) {
        calls++;
        CompletableFuture<T> answer = new CompletableFuture<>();
        travel(() -> arrived(() -> call.get().thenAccept(result -> travel(() -> answer.complete(result)))));
        return answer;
    }

    private void arrived(Runnable call) {
        if (held == null) {
            call.run();
        } else {
            held.add(call);
        }
    }

    /** Calls arrive, and are worked on when the store goes on. */
    public void stop() {
        held = new ArrayList<>();
    }

    public void goOn() {
        List<Runnable> waiting = held;
        held = null;
        if (waiting != null) {
            waiting.forEach(Runnable::run);
        }
    }

    private void travel(Runnable arrival) {
        if (!isCut) {
            network.schedule(arrival, random.nextInt(LONGEST_MICROS), TimeUnit.MICROSECONDS);
        }
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return far(() -> store.tryAcquire(call));
    }

    @Override
    public CompletableFuture<Void> giveBack(StoreRequest charged, long atMicros) {
        return far(() -> store.giveBack(charged, atMicros));
    }

    @Override
    public CompletableFuture<Void> owe(StoreRequest owed) {
        return far(() -> store.owe(owed));
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return far(() -> store.lease(call));
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return far(() -> store.overrides(subject));
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return far(() -> store.replace(subject, expected, next));
    }

    @Override
    public void listen(ChangeListener listener) {
        store.listen(listener);
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return far(() -> store.list(kind, from, most));
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        CompletableFuture<Integer> answer = far(() -> {
            instances.add(instanceId);
            return CompletableFuture.completedFuture(instances.size());
        });
        // In one thread, the request that comes meanwhile waits as well: not for the two seconds that a probe may take.
        network.schedule(
                () -> answer.completeExceptionally(
                        new StoreException(StoreException.Kind.TIMEOUT, "no answer", new IllegalStateException())),
                HEARTBEAT_MILLIS,
                TimeUnit.MILLISECONDS);
        return answer;
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return far(() -> CompletableFuture.completedFuture(List.copyOf(instances)));
    }

    /** Other instances still need the store. */
    @Override
    public void close() {}
}
