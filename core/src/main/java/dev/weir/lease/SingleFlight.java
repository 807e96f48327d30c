package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.store.Charge;
import dev.weir.store.GuardedCall;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.concurrent.CompletableFuture;

/**
 * Of the requests of a client that is known to be over its limit, one asks the store, and those that come meanwhile
 * wait for its answer.
 *
 * <pre>
 *   the memory of a refusal ends --> a request asks ------------> takes the permit
 *                                        others come, wait --\    the store says until when there is none
 *                                                             \--> refused: they were here by then
 * </pre>
 *
 * <p>A request that has waited is refused only if the store had too few permits at some moment since the request was
 * made: when the store was asked, if that was later; or else when the request came, if the refusal was true until then.
 * Where the answer does not say so, the request asks, or waits for the next one that does. It waits for three answers
 * at most, between 10 and 20 ms ({@link KnownLimit#patienceNanos}), and no longer than two fifths of its deadline; then
 * it asks, as if there were no other. If the answer left permits, as many ask at once as it left.
 *
 * <p>Thread-safe.
 */
final class SingleFlight {

    private final LeaseTables leases;
    private final Scheduler scheduler;
    private final Patience patience;
    private final long longestNanos;
    private final Asking ask;

    /** Asks the store for a request, which may have come a while before. */
    interface Asking {
        CompletableFuture<StoreReply> apply(StoreRequest call, long cameNanos);
    }

    /**
     * @param deadlineNanos how long a request waits for its decision: for others it may wait for a part of that
     * @param ask asks the store
     */
    SingleFlight(LeaseTables leases, Scheduler scheduler, Patience patience, long deadlineNanos, Asking ask) {
        this.leases = leases;
        this.scheduler = scheduler;
        this.patience = patience;
        this.longestNanos = Math.min(Patience.LONGEST_NANOS, deadlineNanos * 2 / 5);
        this.ask = ask;
    }

    /** Decides a request that can be decided from a lease, by its own call or by another's. */
    CompletableFuture<StoreReply> decide(StoreRequest call) {
        long nowNanos = scheduler.nanoTime();
        Charge charge = call.charges().get(0);
        Lease lease = leases.find(charge.policy()).find(call.subject().id());
        if (lease == null || !mayWait(charge, call, lease) || lease.asksForLeft(charge, call.version(), nowNanos)) {
            return ask.apply(call, nowNanos);
        }
        Waiting waiting = new Waiting(call, lease, nowNanos);
        waiting.askOrWait(nowNanos);
        return waiting.answer;
    }

    /** A pool's requests do not wait; nor does any if it would miss its deadline, as long as the last answer took. */
    private boolean mayWait(Charge charge, StoreRequest call, Lease lease) {
        return charge.share() == null && lease.isFor(charge, call.version()) && lease.tookNanos() < longestNanos;
    }

    /** A request, until it is answered. */
    private final class Waiting {

        private final StoreRequest call;
        private final Charge charge;
        private final Lease lease;
        private final long cameNanos;
        private final CompletableFuture<StoreReply> answer = new CompletableFuture<>();

        Waiting(StoreRequest call, Lease lease, long cameNanos) {
            this.call = call;
            this.charge = call.charges().get(0);
            this.lease = lease;
            this.cameNanos = cameNanos;
        }

        void askOrWait(long nowNanos) {
            long leftNanos = Math.min(longestNanos, lease.patienceNanos()) - (nowNanos - cameNanos);
            if (leftNanos <= 0) {
                ask();
                return;
            }
            Flight own = lease.flight(charge, nowNanos);
            CompletableFuture<?> other = lease.awaitOrAsk(own, charge, nowNanos);
            if (other != null) {
                patience.doneOrLate(other, leftNanos).thenAccept(this::decideOrAsk);
                return;
            }
            long earlyNanos = Math.min(own.leavesNanos() - nowNanos, leftNanos);
            if (earlyNanos == 0) {
                ask(own);
            } else {
                patience.after(earlyNanos, () -> ask(own));
            }
        }

        private void ask(Flight own) {
            if (answer.isDone()) {
                lease.landed(own); // No request waits for it any more.
                return;
            }
            ask().whenComplete((said, failure) -> lease.landed(own));
        }

        private CompletableFuture<StoreReply> ask() {
            CompletableFuture<StoreReply> asked = GuardedCall.started(() -> ask.apply(call, cameNanos));
            Cancellation.passedOn(answer, asked);
            return asked.whenComplete((said, failure) -> {
                if (failure == null) {
                    answer.complete(said);
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        }

        private void decideOrAsk(boolean isInTime) {
            if (answer.isDone()) {
                return; // No request waits for it any more.
            }
            long nowNanos = scheduler.nanoTime();
            Decision decision = lease.decide(charge, call.version(), cameNanos, nowNanos);
            if (decision != null) {
                answer.complete(StoreReply.Decided.uncharged(decision));
            } else if (isInTime && !lease.asksForLeft(charge, call.version(), nowNanos)) {
                askOrWait(nowNanos);
            } else {
                ask();
            }
        }
    }
}
