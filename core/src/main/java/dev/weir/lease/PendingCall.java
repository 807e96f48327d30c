package dev.weir.lease;

import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.StoreReply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A call for a lease that the store has not answered yet.
 *
 * @param askedNanos when it was made
 * @param answer completes with what the store answers, for those that wait for what the call may bring
 */
record PendingCall(LeaseCall call, long askedNanos, CompletableFuture<StoreReply> answer) {

    private static final long LONGEST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);

    PendingCall(LeaseCall call, long askedNanos) {
        this(call, askedNanos, new CompletableFuture<>());
    }

    /**
     * Whether a request should wait for the answer, and not ask as well: it may bring all permits that there are.
     *
     * @param patienceNanos how long an answer is waited for
     */
    boolean concerns(Charge charge, long patienceNanos, long nowNanos) {
        return call.cost() <= charge.cost() && nowNanos - askedNanos <= patienceNanos;
    }

    /** Whether no answer is expected any more. */
    boolean isOverdue(long nowNanos) {
        return nowNanos - askedNanos > LONGEST_ANSWER_NANOS;
    }
}
