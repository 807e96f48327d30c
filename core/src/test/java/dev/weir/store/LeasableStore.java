package dev.weir.store;

import dev.weir.memory.MemoryStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One memory shared by several instances, as a Redis is: counts what it is asked, and can keep back what it answers.
 */
public final class LeasableStore implements Store {

    /** What becomes of calls that decide. */
    public enum Fault {
        NONE,
        /** They never arrive. */
        HANGS,
        /** One lease in eight is executed without an answer. */
        LOSES_ANSWERS,
        THROWS,
        OUT_OF_MEMORY
    }

    public final MemoryStore memory;
    public final AtomicLong calls = new AtomicLong();
    public final AtomicLong beats = new AtomicLong();
    public volatile Fault fault = Fault.NONE;

    /** When leases are answered, which are executed at once. */
    public volatile CompletableFuture<?> leasesAnswered = CompletableFuture.completedFuture(null);

    /** When calls are executed that only give leases back. */
    public volatile CompletableFuture<?> returnsArrive = CompletableFuture.completedFuture(null);

    /** What happens beside each request that is decided, before it. */
    public volatile Runnable beforehand = () -> {};

    /** What happens beside each request that is decided, with a lease or without, after it. */
    public volatile Runnable meanwhile = () -> {};

    /** Whether answers take a microsecond of this time: null if they are there at once. */
    public volatile @Nullable Scheduler far;

    /** Whether listeners that are added from now on are notified of changes. */
    public volatile boolean announces = true;

    private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
    private final int instances;

    public LeasableStore(int instances, MemoryStore memory) {
        this.instances = instances;
        this.memory = memory;
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        beforehand.run();
        CompletableFuture<StoreReply> answer = answer(() -> memory.tryAcquire(call));
        meanwhile.run();
        return answer;
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
        if (fault == Fault.LOSES_ANSWERS && ThreadLocalRandom.current().nextInt(8) == 0) {
            calls.incrementAndGet();
            memory.lease(call);
            return new CompletableFuture<>();
        }
        boolean isReturn = call.cost() == 0 && call.wanted() == 0;
        CompletableFuture<StoreReply> answer = isReturn
                ? answer(() -> returnsArrive.thenCompose(arrived -> memory.lease(call)))
                : answer(() -> memory.lease(call));
        if (call.cost() > 0) {
            meanwhile.run();
        }
        return answer.thenCombine(leasesAnswered, (said, now) -> said);
    }

    private CompletableFuture<StoreReply> answer(Supplier<CompletableFuture<StoreReply>> answer) {
        calls.incrementAndGet();
        return switch (fault) {
            case NONE, LOSES_ANSWERS -> later(answer.get());
            case HANGS -> new CompletableFuture<>();
            case THROWS -> throw new IllegalStateException("thrown on purpose");
            case OUT_OF_MEMORY -> throw new AssertionError("an array of " + Failing.outOfMemory().length + " bytes");
        };
    }

    private <T> CompletableFuture<T> later(CompletableFuture<T> answer) {
        Scheduler time = far;
        if (time == null) {
            return answer;
        }
        CompletableFuture<T> late = new CompletableFuture<>();
        answer.thenAccept(
                said -> time.worker("network", 1).schedule(() -> late.complete(said), 1, TimeUnit.MICROSECONDS));
        return late;
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return memory.overrides(subject);
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return later(memory.replace(subject, expected, next));
    }

    /** As if the connection was broken for a while. */
    public void announceGap() {
        listeners.forEach(ChangeListener::onGap);
    }

    @Override
    public void listen(ChangeListener listener) {
        listeners.add(listener);
        if (announces) {
            memory.listen(listener);
        }
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return memory.list(kind, from, most);
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        beats.incrementAndGet();
        return fault == Fault.HANGS ? new CompletableFuture<>() : CompletableFuture.completedFuture(instances);
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return memory.instances();
    }

    /** Other instances still need it. */
    @Override
    public void close() {}
}
