package dev.weir;

/**
 * How long a request may still wait for the store: one budget for all that it asks, counted from its first question. Of
 * one thread.
 */
final class Deadline {

    private final long budgetNanos;
    private boolean isStarted;
    private long startNanos;

    Deadline(long budgetNanos) {
        this.budgetNanos = budgetNanos;
    }

    /** What is left now; 0 or less if nothing is. The first call starts the count. */
    long leftNanos() {
        if (!isStarted) {
            isStarted = true;
            startNanos = System.nanoTime();
            return budgetNanos;
        }
        return budgetNanos - (System.nanoTime() - startNanos);
    }
}
