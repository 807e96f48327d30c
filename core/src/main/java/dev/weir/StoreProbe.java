package dev.weir;

import dev.weir.store.GuardedTask;
import dev.weir.store.LimiterListener;
import dev.weir.store.Scheduler;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Whether the store is up, and how many instances share it.
 *
 * <p>A call that times out puts the store in doubt: from then on no request waits for it, and a probe, sent at once,
 * decides. If the probe is answered in time, the store is as it was and nothing is reported: one late answer is no
 * outage. If it is late too, it is sent again and again; after a second of that the store is down, as it is at once if
 * the probe fails in another way, and that is reported. Calls that fail without a wait, for want of a connection or by
 * an error that the store itself answers, start the same probe but no doubt, so that one odd request cannot turn the
 * store off for all; nor do calls that were given only what a call before them had left of the deadline, for such a
 * wait says little of the store. The store is probed every 500 ms. While it is up, the same probe is a heartbeat that
 * reports how many instances share it. No request waits for it, so it waits up to 2 s; one that fails puts the store in
 * doubt too.
 *
 * <p>A store that was down is in force again with the second answer in a row. Meanwhile the other instances notice the
 * return as well, and all charge what they owe: the first to return would admit otherwise what the others have taken.
 *
 * <p>Thread-safe.
 */
final class StoreProbe implements AutoCloseable {

    /** How long the first answer, or that to an administrator, is waited for. */
    static final long PATIENT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final Logger LOG = System.getLogger(StoreProbe.class.getName());
    private static final long PROBE_MILLIS = 500;

    /** Within which nearly all other instances have probed as well. */
    private static final long SETTLE_MILLIS = 400;

    /** For so long, late answers alone are no outage: a busy machine stops a process for some tenths of a second. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String PROBING = "probing the store";

    private final Store store;
    private final String instanceId;
    private final long deadlineNanos;
    private final LimiterListener listener;
    private final StoreCalls calls;
    private final Scheduler scheduler;
    private final ScheduledExecutorService worker;
    private final GuardedTask probing;
    private final InstanceCount instances;
    private final AtomicBoolean isDue = new AtomicBoolean();

    /** Nothing has to be made ready in this process's own memory. Of the thread that probes. */
    private boolean isWarm;

    private volatile Standing standing = Standing.IN_DOUBT; // The first probe decides.
    private volatile long inDoubtNanos; // Since when.

    /** Whether a store that is down has answered the last probe. */
    private volatile boolean isSettling;

    private enum Standing {
        UP,
        /** No request waits for the store, and no listener is notified of it yet. */
        IN_DOUBT,
        DOWN
    }

    /** Waits up to 2 s for the store's first answer. */
    StoreProbe(
            Store store,
            String instanceId,
            long deadlineNanos,
            StoreCalls calls,
            InstanceCount instances,
            LimiterListener listener,
            Scheduler scheduler) {
        this.store = store;
        this.instanceId = instanceId;
        this.calls = calls;
        this.instances = instances;
        this.listener = listener;
        this.scheduler = scheduler;
        this.worker = scheduler.worker("weir-store-probe", 1);
        this.inDoubtNanos = scheduler.nanoTime() - LATE_NANOS; // The first probe waits for longer.
        this.isWarm = store.near().isPresent();
        this.deadlineNanos = deadlineNanos;
        this.probing = new GuardedTask(PROBING, () -> probe(isInForce() ? PATIENT_NANOS : deadlineNanos));
        new GuardedTask(PROBING, () -> probe(PATIENT_NANOS)).run();
        worker.scheduleWithFixedDelay(probing, PROBE_MILLIS, PROBE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Whether requests wait for the store: not while it is down or in doubt. */
    boolean isInForce() {
        return standing == Standing.UP;
    }

    /** Whether the store can be charged what is owed: it is in force, or about to be. */
    boolean isAnswering() {
        return isInForce() || isSettling;
    }

    /** Whether the store is not known to be down. */
    boolean isUp() {
        return standing != Standing.DOWN;
    }

    /**
     * A request's call has failed.
     *
     * @param hadTheWholeDeadline whether the store had as much time as a request ever gives it
     */
    void suspect(StoreException failure, boolean hadTheWholeDeadline) {
        LOG.log(Level.DEBUG, "the store failed a call", failure);
        if (failure.kind() == Kind.TIMEOUT && hadTheWholeDeadline) {
            doubt();
        }
        probeSoon();
    }

    /** @return whether it was up */
    private synchronized boolean doubt() {
        boolean wasUp = standing == Standing.UP;
        if (wasUp) {
            standing = Standing.IN_DOUBT;
            inDoubtNanos = scheduler.nanoTime();
        }
        return wasUp;
    }

    private void probeSoon() {
        if (isDue.compareAndSet(false, true)) { // A thousand failed requests need no more than one probe.
            try {
                worker.execute(() -> {
                    isDue.set(false);
                    probing.run();
                });
            } catch (
                    Throwable
                            e) { // Out of stack, perhaps. Its request goes on, and the next failure may have some left.
                isDue.set(false);
            }
        }
    }

    private void probe(long waitNanos) {
        try {
            instances.report(calls.answer(() -> store.heartbeat(instanceId), waitNanos));
            warmUp();
            if (standing == Standing.DOWN && !isSettling) {
                isSettling = true;
                worker.schedule(probing, SETTLE_MILLIS, TimeUnit.MILLISECONDS);
                return;
            }
            isSettling = false;
            change(Standing.UP, "");
        } catch (StoreException e) {
            isSettling = false;
            if (doubt()) {
                probeSoon();
            } else if (mayOnlyBeLate(e)) {
                worker.schedule(probing, deadlineNanos, TimeUnit.NANOSECONDS);
            } else {
                change(Standing.DOWN, e.getMessage());
            }
        }
    }

    /** An answer that is late, and that has not been for long. */
    private boolean mayOnlyBeLate(StoreException failure) {
        return failure.kind() == Kind.TIMEOUT
                && standing == Standing.IN_DOUBT
                && scheduler.nanoTime() - inDoubtNanos < LATE_NANOS;
    }

    /**
     * Before the store is in force for the first time: the first request must not wait for what is made ready only
     * once.
     */
    private void warmUp() {
        if (!isWarm) {
            isWarm = StoreWarmUp.on(store, scheduler);
        }
    }

    /** Under a lock, so that the listener is notified of changes in the order in which they happen. */
    private synchronized void change(Standing now, @Nullable String why) {
        if (worker.isShutdown()) {
            return;
        }
        boolean isKnown = (standing == Standing.DOWN) == (now == Standing.DOWN);
        standing = now;
        if (isKnown) {
            return;
        }
        listener.onStoreChange(now == Standing.UP);
        if (now == Standing.UP) {
            LOG.log(Level.INFO, "the store is back: limits are shared again; instances: {0}", instances.inForce());
        } else {
            LOG.log(
                    Level.WARNING,
                    "the store is down ({0}): each policy does what its on-store-failure says until it is back",
                    why);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            worker.shutdownNow(); // The listener is not notified of a change that a last probe finds.
        }
        Scheduler.awaitEnd(worker);
    }
}
