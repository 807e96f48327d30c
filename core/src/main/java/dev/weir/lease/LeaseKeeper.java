package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import dev.weir.store.GuardedCall;
import dev.weir.store.GuardedTask;
import dev.weir.store.LeaseAccounting;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.Scheduler;
import dev.weir.store.Store;
import dev.weir.store.StoreReply;
import dev.weir.store.UsageKey;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Talks to the store about leases, and looks after them while they last: asks for more permits, gives back those that
 * are not used, and reports what became of them. Thread-safe.
 */
final class LeaseKeeper {

    /** The fewest permits that one instance must be able to hold, or the others would miss them. */
    static final long LEAST_SHARE = 20;

    /** Windows that are shorter end before a lease has paid. */
    private static final long LEAST_WINDOW_SECONDS = 1;

    private static final int SWEEPS_A_SECOND = 50;
    static final long GOODBYE_MILLIS = 250;

    private final Store store;
    private final Scheduler scheduler;
    private final LimiterListener listener;
    private final BiConsumer<LeaseCall, Decision> onDecision;
    private final LeaseTables leases;
    private final ScheduledExecutorService worker;

    /** What there is to look after, and the last call that was made for it: that one may still be under way. */
    private final Map<Lease, CompletableFuture<StoreReply>> active = new ConcurrentHashMap<>();

    /** When each of them is looked after. */
    final LeaseRounds rounds;

    private volatile int instances = 1;
    private volatile boolean isClosing;
    private int sweeps;

    /**
     * @param isExact whether a lease's end is looked at with each request
     * @param mostClients the most clients that are remembered
     * @param listener is notified of what leases did
     * @param onDecision is notified of what the store decided on a call when no request waited for it
     */
    LeaseKeeper(
            Store store,
            Scheduler scheduler,
            boolean isExact,
            int mostClients,
            LimiterListener listener,
            BiConsumer<LeaseCall, Decision> onDecision) {
        this.store = store;
        this.scheduler = scheduler;
        this.listener = listener;
        this.onDecision = onDecision;
        this.leases = new LeaseTables(scheduler, isExact, mostClients, this::refill);
        this.rounds = new LeaseRounds(scheduler.nanoTime());
        this.worker = scheduler.worker("weir-leases", 1);
        GuardedTask sweep = new GuardedTask("looking after leases", this::sweep);
        worker.scheduleWithFixedDelay(sweep, LeaseRounds.SLOT_NANOS, LeaseRounds.SLOT_NANOS, TimeUnit.NANOSECONDS);
    }

    LeaseTables leases() {
        return leases;
    }

    /** So many live instances share the store. */
    void sharedBy(int live) {
        instances = Math.max(1, live);
    }

    /**
     * The most that one instance may hold of a limit, 0 if nothing is to be leased of it; all of them together hold no
     * more than the store lends.
     */
    long mostPermits(LeaseBasis basis) {
        Limit limit = basis.limit();
        if (basis.share() != null) {
            long part = LeaseAccounting.mostOfPool(basis.share().pool().limit());
            return part < LEAST_SHARE || isClosing ? 0 : part;
        }
        boolean isShortWindow =
                !(limit instanceof TokenBucket) && limit.period().toSeconds() < LEAST_WINDOW_SECONDS;
        long share = LeaseAccounting.most(limit) / instances;
        return isShortWindow || share < LEAST_SHARE || isClosing ? 0 : share;
    }

    private long mostPermits(Lease lease) {
        LeaseBasis basis = lease.basis();
        return basis == null ? 0 : mostPermits(basis);
    }

    /** Gets more permits for a lease, but not on the thread of the request that has noticed it. */
    private void refill(Lease lease) {
        worker.execute(() -> {
            long nowNanos = scheduler.nanoTime();
            LeaseCall ask = lease.ask(0, mostPermits(lease), nowNanos);
            if (ask != null) {
                askInBackground(lease, ask, nowNanos);
            }
        });
    }

    private void askInBackground(Lease lease, LeaseCall call, long nowNanos) {
        ask(lease, call, nowNanos).thenAccept(answer -> {
            if (answer instanceof StoreReply.Leased leased) {
                onDecision.accept(call, leased.decision());
            }
        });
    }

    /** Asks the store for a lease. */
    CompletableFuture<StoreReply> ask(Lease lease, LeaseCall call, long askedNanos) {
        CompletableFuture<StoreReply> answer = lease.answerOf(call);
        if (active.put(lease, answer) == null) {
            rounds.join(lease);
        }
        GuardedCall.started(() -> store.lease(call.among(instances)))
                .whenComplete((said, failure) -> lease.answered(call, said, askedNanos, scheduler.nanoTime()))
                .whenComplete((said, failure) -> {
                    if (failure == null) {
                        answer.complete(said);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
        return answer;
    }

    /** Gives permits back to the store, if there are any. What was refused without it is worth another try then. */
    CompletableFuture<?> giveBack(Lease lease, @Nullable LeaseCall call) {
        return call == null
                ? CompletableFuture.completedFuture(null)
                : GuardedCall.started(() -> store.lease(call)).whenComplete((answer, failure) -> hasReturned(lease));
    }

    private void hasReturned(Lease lease) {
        CompletableFuture<@Nullable Void> arrival = lease.returned(scheduler.nanoTime());
        if (arrival != null) {
            arrival.complete(null);
        }
    }

    private void sweep() {
        long nowNanos = scheduler.nanoTime();
        Map<String, LeaseUse> uses = new HashMap<>();
        Throwable failure = null;
        rounds.begin(nowNanos);
        for (Lease lease = rounds.poll(); lease != null; lease = rounds.poll()) {
            failure = tended(lease, nowNanos, uses, failure);
            try {
                reschedule(lease, nowNanos);
            } catch (Throwable e) {
                failure = e;
            }
        }
        if (++sweeps % SWEEPS_A_SECOND == 0) {
            for (Lease lease : active.keySet()) { // Also one that an Error has kept out of the rounds.
                failure = tended(lease, nowNanos, uses, failure);
            }
            leases.forget(nowNanos, uses);
        }
        report(uses);
        if (failure != null) {
            throw new IllegalStateException("a lease could not be looked after", failure);
        }
    }

    /** @return what has failed last: the others have to end in time all the same */
    private @Nullable Throwable tended(
            Lease lease, long nowNanos, Map<String, LeaseUse> uses, @Nullable Throwable before) {
        try {
            tend(lease, nowNanos, uses);
            return before;
        } catch (Throwable e) {
            return e;
        }
    }

    private void tend(Lease lease, long nowNanos, Map<String, LeaseUse> uses) {
        LeaseCall call = lease.tend(mostPermits(lease), nowNanos);
        if (call != null && call.wanted() > 0) {
            askInBackground(lease, call, nowNanos);
        } else {
            giveBack(lease, call);
        }
        LeaseTables.collect(lease, uses);
    }

    private void reschedule(Lease lease, long nowNanos) {
        if (active.computeIfPresent(lease, (same, last) -> same.isLeased() ? last : null) != null) {
            rounds.add(lease, lease.untilDueNanos(nowNanos));
        }
    }

    private void report(Map<String, LeaseUse> uses) {
        uses.forEach((usage, use) -> listener.onLeaseUse(UsageKey.policyOf(usage), use));
    }

    /**
     * Gives back what is leased, and what a call under way still brings. It waits for that, and for what is on its way
     * back, {@value #GOODBYE_MILLIS} ms at most.
     */
    void close() {
        isClosing = true;
        endSweeping();
        CompletableFuture<?>[] given = active.entrySet().stream()
                .map(entry -> goodbye(entry.getKey(), entry.getValue()))
                .toArray(CompletableFuture<?>[]::new);
        awaitUninterruptibly(CompletableFuture.allOf(given));
        report(leases.takeUses());
    }

    /** A thread that ends an application may have been interrupted; other instances need the permits all the same. */
    private void awaitUninterruptibly(CompletableFuture<?> given) {
        long endNanos = scheduler.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GOODBYE_MILLIS);
        boolean isInterrupted = Thread.interrupted();
        boolean isOver = false;
        while (!isOver) {
            try {
                scheduler.await(given, Math.max(0, endNanos - scheduler.nanoTime()));
                isOver = true;
            } catch (ExecutionException | TimeoutException e) {
                isOver = true; // What could not be given back is there again when its lease has ended.
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletableFuture<?> goodbye(Lease lease, CompletableFuture<StoreReply> last) {
        return last.handle((answer, failure) -> giveBack(lease, lease.giveBack(scheduler.nanoTime())))
                .thenCompose(given -> given.handle((answer, failure) -> lease.underWay()))
                .thenCompose(underWay -> underWay);
    }

    /** A sweep under way still has something to report. */
    private void endSweeping() {
        worker.shutdownNow();
        Scheduler.awaitEnd(worker);
    }
}
