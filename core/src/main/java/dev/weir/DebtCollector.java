package dev.weir;

import dev.weir.store.GuardedTask;
import dev.weir.store.Scheduler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Charges the debts of clients that do not come by themselves when the store answers again: a few at a time, the
 * largest first. It has a timer only while there are debts. Thread-safe.
 */
final class DebtCollector implements AutoCloseable {

    /** So many debts are charged at once, of each instance. */
    private static final int BATCH = 64;

    private static final long LOOK_MILLIS = 20;

    /** After a debt that could not be charged: the node that it belongs to may be away. */
    private static final long AFTER_FAILURE_MILLIS = 500;

    /** In how many looks, while the store is away, debts are looked through for those that are over. */
    private static final int LOOKS_TO_FORGET = 50;

    private final Debts debts;
    private final OwingStore store;
    private final BooleanSupplier isAnswering;
    private final ScheduledExecutorService worker;
    private final Runnable looking = new GuardedTask("charging what was admitted without the store", this::look);
    private final AtomicBoolean isOn = new AtomicBoolean();

    /** Of the one look that is under way or planned. */
    private final Queue<Debtor> due = new ArrayDeque<>();

    private int looks;

    /** @param isAnswering whether the store can be charged */
    DebtCollector(Debts debts, OwingStore store, BooleanSupplier isAnswering, Scheduler scheduler) {
        this.debts = debts;
        this.store = store;
        this.isAnswering = isAnswering;
        this.worker = scheduler.worker("weir-debt-collector", 1);
        debts.onDebt(this::start);
    }

    private void start() {
        if (!isOn.get() && isOn.compareAndSet(false, true)) {
            lookAfter(LOOK_MILLIS);
        }
    }

    private void lookAfter(long millis) {
        worker.schedule(looking, millis, TimeUnit.MILLISECONDS);
    }

    private void look() {
        CompletableFuture<?> charged = CompletableFuture.completedFuture(null);
        try {
            charged = isAnswering.getAsBoolean() ? charge() : forget();
        } finally {
            charged.whenComplete((done, failure) -> goOn(failure == null ? LOOK_MILLIS : AFTER_FAILURE_MILLIS));
        }
    }

    private void goOn(long millis) {
        if (!debts.isEmpty()) {
            lookAfter(millis);
            return;
        }
        isOn.set(false);
        if (!debts.isEmpty()) {
            start();
        }
    }

    private CompletableFuture<?> charge() {
        if (due.isEmpty()) {
            due.addAll(debts.largestFirst());
        }
        List<CompletableFuture<?>> charged = new ArrayList<>();
        while (charged.size() < BATCH && !due.isEmpty()) {
            CompletableFuture<?> one = store.settle(due.remove());
            if (one != null) {
                charged.add(one);
            }
        }
        return CompletableFuture.allOf(charged.toArray(CompletableFuture<?>[]::new));
    }

    private CompletableFuture<?> forget() {
        due.clear();
        if (++looks % LOOKS_TO_FORGET == 0) {
            debts.largestFirst();
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        worker.shutdownNow();
        Scheduler.awaitEnd(worker);
    }
}
