package dev.weir;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** One memory shared by several instances, as a Redis is: counts what it is asked, and can keep back what it answers. */
final class LeasableStore implements Store {

    /** What becomes of calls that decide. */
    enum Fault {
        NONE,
        /** They never arrive. */
        HANGS,
        /** One lease in eight is executed without an answer. */
        LOSES_ANSWERS,
        THROWS
    }

    final MemoryStore memory;
    final AtomicLong calls = new AtomicLong();
    volatile Fault fault = Fault.NONE;
    private final int instances;

    LeasableStore(int instances, MemoryStore memory) {
        this.instances = instances;
        this.memory = memory;
    }

    @Override
    public CompletableFuture<Answer> tryAcquire(Call call) {
        return answer(() -> memory.tryAcquire(call));
    }

    @Override
    public CompletableFuture<Void> giveBack(Call charged, long atMicros) {
        return memory.giveBack(charged, atMicros);
    }

    @Override
    public CompletableFuture<Answer> lease(LeaseCall call) {
        if (fault == Fault.LOSES_ANSWERS && ThreadLocalRandom.current().nextInt(8) == 0) {
            calls.incrementAndGet();
            memory.lease(call);
            return new CompletableFuture<>();
        }
        return answer(() -> memory.lease(call));
    }

    private CompletableFuture<Answer> answer(Supplier<CompletableFuture<Answer>> answer) {
        calls.incrementAndGet();
        return switch (fault) {
            case NONE, LOSES_ANSWERS -> answer.get();
            case HANGS -> new CompletableFuture<>();
            case THROWS -> throw new IllegalStateException("thrown on purpose");
        };
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
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return memory.list(kind, from, most);
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
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
