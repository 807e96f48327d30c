package dev.weir.store;

import dev.weir.memory.MemoryStore;
import dev.weir.store.StoreException.Kind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/** A store that really decides, in memory, and whose answers can be kept from the caller. */
public final class FaultyStore implements Store {

    /** What happens to an answer. */
    public enum Fault {
        NONE,
        SLOW,
        HELD_BACK,
        TIMEOUT,
        UNREACHABLE,
        REFUSED,
        ERROR,
        THROWN,
        OUT_OF_MEMORY
    }

    public final MemoryStore shared;
    private final boolean owned;
    public final AtomicInteger heartbeats = new AtomicInteger();
    public final AtomicInteger questions = new AtomicInteger();
    public final AtomicInteger heldBack = new AtomicInteger();
    public final AtomicInteger heartbeatsToHoldBack = new AtomicInteger();
    public volatile Fault ofDecisions = Fault.NONE;
    public volatile Fault ofHeartbeats = Fault.NONE;
    volatile int instances = 1;

    /** The client whose debts are not taken; as on one master of a cluster. */
    public volatile String refused = "";

    public volatile long slowMillis;
    public volatile Runnable afterDecision = () -> {};

    /** How long the first decision takes: in a new virtual machine longer than a request waits. */
    public volatile long firstMillis;

    private final AtomicBoolean isWarm = new AtomicBoolean();

    public FaultyStore() {
        shared = new MemoryStore();
        owned = true;
    }

    /** On a store that its creator closes. */
    public FaultyStore(MemoryStore shared) {
        this.shared = shared;
        owned = false;
    }

    public FaultyStore sharedBy(int instances) {
        this.instances = instances;
        return this;
    }

    public void fail(Fault fault) {
        ofHeartbeats = fault;
        ofDecisions = fault;
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        questions.incrementAndGet();
        boolean isSlow = firstMillis > 0 && isWarm.compareAndSet(false, true);
        CompletableFuture<StoreReply> answer = answer(ofDecisions, () -> shared.tryAcquire(call));
        if (isSlow) {
            answer = answer.thenApplyAsync(
                    Function.identity(), CompletableFuture.delayedExecutor(firstMillis, TimeUnit.MILLISECONDS));
        }
        afterDecision.run();
        return answer;
    }

    @Override
    public CompletableFuture<Void> giveBack(StoreRequest charged, long atMicros) {
        return answer(ofDecisions, () -> shared.giveBack(charged, atMicros));
    }

    @Override
    public CompletableFuture<Void> owe(StoreRequest owed) {
        Fault fault = owed.subject().id().equals(refused) ? Fault.REFUSED : ofDecisions;
        return answer(fault, () -> shared.owe(owed));
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return answer(ofDecisions, () -> shared.lease(call));
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        questions.incrementAndGet();
        return answer(ofDecisions, () -> shared.overrides(subject));
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return answer(ofDecisions, () -> shared.replace(subject, expected, next));
    }

    @Override
    public void listen(ChangeListener listener) {
        shared.listen(listener);
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return answer(ofDecisions, () -> shared.list(kind, from, most));
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        heartbeats.incrementAndGet();
        boolean isHeldBack = heartbeatsToHoldBack.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        return answer(isHeldBack ? Fault.HELD_BACK : ofHeartbeats, () -> CompletableFuture.completedFuture(instances));
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return answer(ofHeartbeats, shared::instances);
    }

    private <T> CompletableFuture<T> answer(Fault fault, Supplier<CompletableFuture<T>> answer) {
        return switch (fault) {
            case NONE -> answer.get();
            case SLOW ->
                answer.get()
                        .thenApplyAsync(
                                Function.identity(),
                                CompletableFuture.delayedExecutor(slowMillis, TimeUnit.MILLISECONDS));
            case HELD_BACK -> {
                heldBack.incrementAndGet();
                yield new CompletableFuture<>();
            }
            case TIMEOUT -> CompletableFuture.failedFuture(failure(Kind.TIMEOUT));
            case UNREACHABLE -> CompletableFuture.failedFuture(failure(Kind.UNREACHABLE));
            case REFUSED ->
                CompletableFuture.failedFuture(
                        StoreException.uncharged(Kind.UNREACHABLE, "refused on purpose", new IllegalStateException()));
            case ERROR -> CompletableFuture.failedFuture(failure(Kind.ERROR));
            case THROWN -> throw new IllegalStateException("already closed");
            case OUT_OF_MEMORY -> throw new AssertionError("an array of " + Failing.outOfMemory().length + " bytes");
        };
    }

    private static StoreException failure(Kind kind) {
        return new StoreException(kind, "faulty on purpose: " + kind, new IllegalStateException());
    }

    @Override
    public void close() {
        if (owned) {
            shared.close();
        }
    }
}
