package dev.weir;

import dev.weir.store.Scheduler;

/**
 * How long a request may still wait for the store: one budget for all that it asks, counted from its first question. Of
 * one thread.
 */
final class Deadline {

    private final Scheduler scheduler;
    private final long budgetNanos;
    private boolean isStarted;
    private long startNanos;

    Deadline(Scheduler scheduler, long budgetNanos) {
        this.scheduler = scheduler;
        this.budgetNanos = budgetNanos;
    }

    /** What is left now; 0 or less if nothing is. The first call starts the count. */
    long leftNanos() {
        if (!isStarted) {
            isStarted = true;
            startNanos = scheduler.nanoTime();
            return budgetNanos;
        }
        return budgetNanos - (scheduler.nanoTime() - startNanos);
    }
}
