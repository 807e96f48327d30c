package dev.weir.lease;

import dev.weir.store.Charge;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call to the store for a request of a client that is over its limit: others wait for what it learns.
 *
 * @param cost of the request
 * @param leavesNanos when it is made
 * @param landed completes when what the store answered is known here, or that it did not answer
 */
record Flight(long cost, long leavesNanos, CompletableFuture<@Nullable Void> landed) {

    Flight(long cost, long leavesNanos) {
        this(cost, leavesNanos, new CompletableFuture<>());
    }

    /**
     * Whether another request should wait for the answer, and not ask as well: what refuses this cost refuses the
     * other's too, and the next permits for it are not back yet when a call that is made now comes to the store.
     *
     * @param patienceNanos how long an answer is waited for
     */
    boolean concerns(Charge charge, long patienceNanos, long nowNanos) {
        return cost <= charge.cost() && nowNanos - leavesNanos < Math.min(patienceNanos, backInNanos(charge));
    }

    /** In what time a cost comes back: on average, under a window. */
    static double backInNanos(Charge charge) {
        return (double) charge.cost()
                / charge.limit().permits()
                * charge.limit().period().toNanos();
    }
}
