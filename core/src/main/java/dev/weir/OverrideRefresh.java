package dev.weir;

import dev.weir.store.GuardedTask;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreException;
import dev.weir.store.Subject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Learns what was set for a subject as soon as that is announced. The next request would learn it as well, but the
 * store may be gone by then: this instance would go on by what it knew before.
 *
 * <p>The store is asked for one subject after the other, on a thread that is there only while there are some. What the
 * store does not answer is asked again when it does. At most {@value KnownOverrides#MOST} subjects wait to be asked
 * for; of any more, the next request learns what is set. Thread-safe.
 */
final class OverrideRefresh implements AutoCloseable {

    private static final Logger LOG = System.getLogger(OverrideRefresh.class.getName());
    private static final long AGAIN_MILLIS = 500;

    private final Consumer<Subject> learn;
    private final BooleanSupplier isAnswering;
    private final ScheduledExecutorService worker;
    private final Runnable asking = new GuardedTask("asking for what was set at run time", this::ask);
    private final Set<Subject> due = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isPlanned = new AtomicBoolean();

    /**
     * @param learn asks the store what is set for a subject, and remembers it; throws a {@link StoreException} if there
     *     is no answer
     * @param isAnswering whether the store can be asked
     */
    OverrideRefresh(Consumer<Subject> learn, BooleanSupplier isAnswering, Scheduler scheduler) {
        this.learn = learn;
        this.isAnswering = isAnswering;
        this.worker = scheduler.worker("weir-override-refresh", 1);
    }

    /** Something was set for a subject. Returns at once. */
    void changed(Subject subject) {
        if (due.contains(subject) || due.size() < KnownOverrides.MOST && due.add(subject)) {
            plan(0);
        }
    }

    private void plan(long millis) {
        if (isPlanned.compareAndSet(false, true)) {
            try {
                worker.schedule(asking, millis, TimeUnit.MILLISECONDS);
            } catch (Throwable e) { // No thread can be started: the next announcement may find one.
                isPlanned.set(false);
                throw e;
            }
        }
    }

    private void ask() {
        isPlanned.set(false); // What is announced from now on may be missed by this run.
        try {
            for (Subject subject : List.copyOf(due)) { // What fails is due again, and in the next run.
                if (worker.isShutdown() || !isAnswering.getAsBoolean()) {
                    break;
                }
                ask(subject);
            }
        } finally {
            if (!due.isEmpty()) {
                plan(AGAIN_MILLIS);
            }
        }
    }

    private void ask(Subject subject) {
        due.remove(subject); // Before it is asked for: a later change is announced again.
        try {
            learn.accept(subject);
        } catch (StoreException e) {
            LOG.log(Level.DEBUG, "the store did not answer what is set", e);
            due.add(subject);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
        Scheduler.awaitEnd(worker);
    }
}
