package dev.weir;

import dev.weir.store.GuardedTask;
import dev.weir.store.Scheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Charges the debts of clients that do not come by themselves when the store answers again: a few at a time, the
 * largest first. It has a timer only while there are debts. Thread-safe.
 */
final class DebtCollector implements AutoCloseable {

    /** So many debts are charged at once, of each instance. */
    private static final int BATCH = 64;

    private static final Logger LOG = System.getLogger(DebtCollector.class.getName());
    private static final long LOOK_MILLIS = 20;
    private static final long GOODBYE_MILLIS = 250;

    /** After a debt that could not be charged: the node that it belongs to may be away. */
    private static final long AFTER_FAILURE_MILLIS = 500;

    /** In how many looks, while the store is away, debts are looked through for those that are over. */
    private static final int LOOKS_TO_FORGET = 50;

    private final Debts debts;
    private final OwingStore store;
    private final BooleanSupplier isAnswering;
    private final Scheduler scheduler;
    private final ScheduledExecutorService worker;

    /** Looks again and again; null while there are no debts. */
    private final AtomicReference<@Nullable Round> current = new AtomicReference<>();

    /** After no thread could be started, the next attempt; of the scheduler. */
    private volatile long againNanos;

    private volatile boolean isStuck;

    /** Of the one look that is under way or planned. */
    private final Queue<Debtor> due = new ArrayDeque<>();

    private int looks;

    /** @param isAnswering whether the store can be charged */
    DebtCollector(Debts debts, OwingStore store, BooleanSupplier isAnswering, Scheduler scheduler) {
        this.debts = debts;
        this.store = store;
        this.isAnswering = isAnswering;
        this.scheduler = scheduler;
        this.worker = scheduler.worker("weir-debt-collector", 1);
        debts.onDebt(this::start);
    }

    private void start() {
        if (current.get() == null && (!isStuck || scheduler.nanoTime() - againNanos >= 0)) {
            Round round = new Round();
            if (current.compareAndSet(null, round)) {
                round.lookAfter(LOOK_MILLIS);
            }
        }
    }

    /** Looks that follow each other, from the first debt to the last. */
    private final class Round {

        private final Runnable looking = new GuardedTask("charging what was admitted without the store", this::look);

        void lookAfter(long millis) {
            try {
                worker.schedule(looking, millis, TimeUnit.MILLISECONDS);
                isStuck = false;
            } catch (Throwable e) { // No thread can be started. The debt is noted, and its request goes on.
                boolean wasStuck = isStuck;
                againNanos = scheduler.nanoTime() + TimeUnit.MILLISECONDS.toNanos(AFTER_FAILURE_MILLIS);
                isStuck = true;
                current.set(null); // What the worker has queued all the same is not current any more, and does nothing.
                say(wasStuck ? Level.DEBUG : Level.WARNING, e);
            }
        }

        private static void say(Level level, Throwable failure) {
            try {
                LOG.log(level, "no thread to charge what was admitted without the store", failure);
            } catch (Throwable e) {
                // Without memory or stack not even the log works.
            }
        }

        private void look() {
            if (current.get() != this) {
                return;
            }
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
            current.set(null);
            if (!debts.isEmpty()) {
                start();
            }
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

    /**
     * Charges what it can within {@value #GOODBYE_MILLIS} ms while the store answers, and reports the rest as lost: no
     * other instance knows of it.
     */
    @Override
    public void close() {
        // A thread that ends an application may have been interrupted; the debts are to be charged all the same.
        boolean isInterrupted = Thread.interrupted();
        try {
            worker.shutdownNow();
            Scheduler.awaitEnd(worker);
            long endNanos = scheduler.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GOODBYE_MILLIS);
            chargeUntil(endNanos);
            await(store::underWay, endNanos);
        } finally {
            debts.close();
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Each debtor once, the largest first. */
    private void chargeUntil(long endNanos) {
        due.clear();
        due.addAll(debts.largestFirst());
        while (!due.isEmpty() && isAnswering.getAsBoolean() && scheduler.nanoTime() - endNanos < 0) {
            await(this::charge, endNanos);
        }
    }

    /** Whatever comes of it, an Error as well: those that are due after it are charged all the same. */
    private void await(Supplier<CompletableFuture<?>> charging, long endNanos) {
        try {
            scheduler.await(charging.get(), Math.max(0, endNanos - scheduler.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.log(Level.DEBUG, "not all that was admitted without the store was charged to it", e);
        }
    }
}
