package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.store.GuardedCall;
import dev.weir.store.LeaseCall;
import dev.weir.store.LimiterListener;
import dev.weir.store.NearStore;
import dev.weir.store.Scheduler;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a request is answered whether or not the store answers: by the store within the deadline ({@link StoreCalls}), or
 * else by this instance's {@link LocalShare}. While the store is down or in doubt ({@link StoreProbe}), no request
 * waits for it.
 *
 * <p>Thread-safe.
 */
final class StoreGuard implements AutoCloseable {

    private static final Logger LOG = System.getLogger(StoreGuard.class.getName());

    private final Store store;

    /** The store, if that is this process's own memory: it is always there. */
    private final @Nullable NearStore near;

    /** Answers what this instance knows without a call. */
    private final Function<StoreRequest, @Nullable StoreReply> known;

    private final long deadlineNanos;
    private final Scheduler scheduler;
    private final StoreCalls calls;
    private final StoreProbe probe;
    private final LocalShare local;

    /**
     * Waits up to 2 s for the store's first answer, so that the first requests know whether it is there and which
     * instances share it.
     *
     * @param known answers what is known without a call, null if nothing is
     * @param localClients of how many clients, times policies, what the store decides is followed
     * @param instances is notified of each heartbeat's answer
     * @param debts what is admitted without the store
     */
    StoreGuard(
            Store store,
            Function<StoreRequest, @Nullable StoreReply> known,
            String instanceId,
            Duration deadline,
            int localClients,
            InstanceCount instances,
            Debts debts,
            LimiterListener listener,
            Scheduler scheduler) {
        this.store = store;
        this.known = known;
        this.near = store.near().orElse(null);
        this.deadlineNanos = deadline.toNanos();
        this.scheduler = scheduler;
        this.calls = new StoreCalls(scheduler, listener);
        this.probe = new StoreProbe(store, instanceId, deadlineNanos, calls, instances, listener, scheduler);
        this.local = new LocalShare(scheduler, localClients, instances::inForce, debts);
    }

    /** What a request may wait from now on. */
    Deadline deadline() {
        return new Deadline(scheduler, deadlineNanos);
    }

    /**
     * Decides a call.
     *
     * @param costs what its charges were made from, in the same order
     */
    Outcome decide(StoreRequest call, List<ResolvedCost> costs, Deadline deadline) {
        StoreReply atHand = near == null ? known.apply(call) : near.decide(call);
        if (atHand != null) {
            return Outcome.ofStore(atHand, call);
        }
        Attempt<StoreReply> attempt = attempt(store -> store.tryAcquire(call), deadline);
        StoreReply answer = attempt.answer();
        if (answer == null) {
            return local.decide(call, costs, !attempt.mayHaveCharged());
        }
        if (answer instanceof StoreReply.Decided decided) {
            local.follow(call, decided.decisions());
        }
        return Outcome.ofStore(answer, call);
    }

    /** Follows what the store has decided on a call when no request waited for it. */
    void follow(LeaseCall call, Decision decision) {
        local.follow(call, decision);
    }

    /**
     * Gives back what was charged, where it was charged: no request waits for it, and it is not tried again. A store
     * that does not answer by then keeps it.
     */
    void giveBack(Outcome permitted) {
        if (permitted.charged() == null || !(permitted.answer() instanceof StoreReply.Decided decided)) {
            return;
        }
        StoreRequest charged = permitted.charged();
        if (!permitted.byStore()) {
            local.giveBack(charged, decided.atMicros(), permitted.isOwed());
        } else if (probe.isInForce()) {
            GuardedCall.started(() -> store.giveBack(charged, decided.atMicros()))
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            LOG.log(Level.DEBUG, "the store failed to give back a charge", failure);
                        }
                    });
        }
    }

    /**
     * The store's answer to something that a request waits for; empty if it does not answer, and at once while it is
     * not up or nothing is left of the request's deadline.
     */
    <T> Optional<T> ask(Function<Store, CompletableFuture<T>> question, Deadline deadline) {
        return Optional.ofNullable(attempt(question, deadline).answer());
    }

    /**
     * What came of asking the store.
     *
     * @param answer null if there was none
     * @param mayHaveCharged whether the store may have received the call all the same
     */
    private record Attempt<T>(@Nullable T answer, boolean mayHaveCharged) {}

    private <T> Attempt<T> attempt(Function<Store, CompletableFuture<T>> question, Deadline deadline) {
        long leftNanos = probe.isInForce() ? deadline.leftNanos() : 0;
        if (leftNanos <= 0) {
            return new Attempt<>(null, false);
        }
        try {
            return new Attempt<>(calls.answer(() -> question.apply(store), leftNanos), true);
        } catch (StoreException e) {
            probe.suspect(e, leftNanos == deadlineNanos);
            return new Attempt<>(null, !e.isUncharged());
        }
    }

    /** The store's answer to an administrator, whose deadline is longer than that of a request. */
    <T> T administer(Function<Store, CompletableFuture<T>> question) {
        return calls.answer(() -> question.apply(store), Math.max(deadlineNanos, StoreProbe.PATIENT_NANOS));
    }

    /** The store's answer to a question that no request waits for: as soon as one would have it. */
    <T> T inBackground(Function<Store, CompletableFuture<T>> question) {
        return calls.answer(() -> question.apply(store), deadlineNanos);
    }

    /** Whether the store can be charged what is owed. */
    boolean isStoreAnswering() {
        return probe.isAnswering();
    }

    boolean storeUp() {
        return probe.isUp();
    }

    /** How many clients, times policies, are followed now. */
    int followed() {
        return local.size();
    }

    /** For how many clients, times policies, the store is yet to be charged. */
    int debts() {
        return local.debts();
    }

    /** What the store would be charged now. */
    long debtPermits() {
        return local.debtPermits();
    }

    @Override
    public void close() {
        calls.close();
        probe.close();
        local.close();
    }
}
