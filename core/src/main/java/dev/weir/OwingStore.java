package dev.weir;

import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.GuardedCall;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Scheduler;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that is charged what is owed ({@link Debts}) of a subject or a pool before anything else is asked of it on
 * these: it would believe otherwise that permits are left which have been taken.
 *
 * <p>Each debt is charged once at most. If the outcome is unknown, it is dropped; if it was surely not charged, it
 * stays owed. Calls that come meanwhile, on the same subject or pool, wait for the same answer. Thread-safe.
 */
final class OwingStore implements Store {

    private final Store store;
    private final Debts debts;
    private final Scheduler scheduler;
    private final long deadlineNanos;
    private final ScheduledExecutorService worker;

    /** Debts that are being charged. */
    private final Map<Debtor, CompletableFuture<@Nullable Void>> underWay = new ConcurrentHashMap<>();

    /** @param deadline how long the answer to a debt is waited for */
    OwingStore(Store store, Debts debts, Duration deadline, Scheduler scheduler) {
        this.store = store;
        this.debts = debts;
        this.scheduler = scheduler;
        this.deadlineNanos = deadline.toNanos();
        this.worker = scheduler.worker("weir-debts", 1);
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return settled(call.subject(), call.charges().get(0), () -> store.tryAcquire(call));
    }

    /** A lease that is given back takes nothing. */
    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return call.wanted() == 0 ? store.lease(call) : settled(call.subject(), call.charge(), () -> store.lease(call));
    }

    private <T> CompletableFuture<T> settled(Subject subject, Charge charge, Supplier<CompletableFuture<T>> call) {
        if (debts.isEmpty() && underWay.isEmpty()) { // In this order, as below.
            return call.get();
        }
        for (Debtor debtor : Debtor.of(subject, charge)) {
            CompletableFuture<@Nullable Void> first = settle(debtor);
            if (first != null) {
                // Then once more: something may have been admitted while the answer was on its way.
                return after(first, () -> settled(subject, charge, call));
            }
        }
        return call.get();
    }

    /** Done when all that is being charged now has an answer, or none in time. */
    CompletableFuture<?> underWay() {
        return CompletableFuture.allOf(underWay.values().toArray(CompletableFuture<?>[]::new));
    }

    /** Charges what is owed of a debtor; null if nothing is. */
    @Nullable CompletableFuture<@Nullable Void> settle(Debtor debtor) {
        // In this order: what is under way is there before it is no longer a debt.
        if (!debts.has(debtor)) {
            return underWay.get(debtor);
        }
        CompletableFuture<@Nullable Void> charged = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> before = underWay.putIfAbsent(debtor, charged);
        if (before != null) {
            return before;
        }
        try {
            return charge(debtor, charged) ? charged : null;
        } catch (RuntimeException | Error e) {
            // Or all later calls on this debtor would wait for an end that never comes.
            end(debtor, charged, e);
            throw e;
        }
    }

    /** @return whether there is anything to charge; if not, it has ended */
    private boolean charge(Debtor debtor, CompletableFuture<@Nullable Void> charged) {
        Debts.Taken taken = debts.take(debtor);
        StoreRequest owed = taken == null ? null : request(taken);
        if (taken == null || owed == null) {
            end(debtor, charged, null);
            return false;
        }
        send(owed).whenComplete((done, failure) -> {
            try {
                if (failure != null && cause(failure) instanceof StoreException known && known.isUncharged()) {
                    debts.putBack(taken);
                } else if (failure != null) {
                    debts.mayBeLost(owed);
                }
            } finally {
                end(debtor, charged, failure);
            }
        });
        return true;
    }

    /** What to charge; null if nothing is left of it. Until it is sent, it stays owed whatever fails. */
    private @Nullable StoreRequest request(Debts.Taken taken) {
        try {
            return taken.request(scheduler.clock().nowMicros());
        } catch (RuntimeException | Error e) {
            debts.putBack(taken);
            throw e;
        }
    }

    private void end(Debtor debtor, CompletableFuture<@Nullable Void> charged, @Nullable Throwable failure) {
        underWay.remove(debtor, charged);
        if (failure == null) {
            charged.complete(null);
        } else {
            charged.completeExceptionally(failure);
        }
    }

    /** A store need not answer at all. */
    private CompletableFuture<@Nullable Void> send(StoreRequest owed) {
        CompletableFuture<@Nullable Void> answer = GuardedCall.started(() -> store.owe(owed));
        if (!answer.isDone()) {
            endInTime(answer);
        }
        return answer;
    }

    private void endInTime(CompletableFuture<@Nullable Void> answer) {
        try {
            var late = worker.schedule(
                    () -> answer.completeExceptionally(new TimeoutException()), deadlineNanos, TimeUnit.NANOSECONDS);
            answer.whenComplete((done, failure) -> late.cancel(false));
        } catch (Throwable e) { // No thread can be started. It was sent: as after a time-out, it may have been charged.
            answer.completeExceptionally(e);
        }
    }

    /** Makes a call once the debt is charged. If that fails, so does the call, which has charged nothing then. */
    private static <T> CompletableFuture<T> after(
            CompletableFuture<@Nullable Void> first, Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        first.whenComplete((done, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(uncharged(failure));
            } else if (!answer.isDone()) { // Or the caller waits no more.
                CompletableFuture<T> made = GuardedCall.started(call);
                answer.whenComplete((said, why) -> made.cancel(false)); // Of use only if the caller has cancelled it.
                made.whenComplete((said, why) -> complete(answer, said, why));
            }
        });
        return answer;
    }

    private static <T> void complete(CompletableFuture<T> answer, T said, @Nullable Throwable failure) {
        if (failure == null) {
            answer.complete(said);
        } else {
            answer.completeExceptionally(cause(failure));
        }
    }

    private static StoreException uncharged(Throwable failure) {
        Throwable cause = cause(failure);
        Kind kind = cause instanceof StoreException known
                ? known.kind()
                : cause instanceof TimeoutException ? Kind.TIMEOUT : Kind.ERROR;
        return StoreException.uncharged(
                kind, "what was admitted without the store could not be charged to it first", failure);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    @Override
    public CompletableFuture<@Nullable Void> owe(StoreRequest owed) {
        return store.owe(owed);
    }

    @Override
    public CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros) {
        return store.giveBack(charged, atMicros);
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
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        return store.heartbeat(instanceId);
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return store.instances();
    }

    @Override
    public void close() {
        worker.shutdownNow();
        Scheduler.awaitEnd(worker);
        store.close();
    }
}
