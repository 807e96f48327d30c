package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks again at a request that the store has refused while this instance holds, is just being brought, or is just
 * returning, permits that would help: they are spent, or are back in the store before it is asked again. Thread-safe.
 */
final class RefusalReview {

    private final LeaseKeeper keeper;
    private final Scheduler scheduler;
    private final Patience patience;
    private final long longestNanos;
    private final Function<StoreRequest, CompletableFuture<StoreReply>> askAgain;

    /**
     * @param longestNanos a refusal that took longer stands: to wait, give back and ask again would take the request
     *     beyond its deadline, and the store would be taken to be away
     * @param askAgain asks the store once more
     */
    RefusalReview(
            LeaseKeeper keeper,
            Scheduler scheduler,
            Patience patience,
            long longestNanos,
            Function<StoreRequest, CompletableFuture<StoreReply>> askAgain) {
        this.keeper = keeper;
        this.scheduler = scheduler;
        this.patience = patience;
        this.longestNanos = longestNanos;
        this.askAgain = askAgain;
    }

    /**
     * The store's answer in the end: a refusal may not be needed, because of what is leased here, or is just being
     * brought or returned by another call.
     *
     * @param cameNanos when the request came: what it has waited for others before it asked is part of its time
     */
    CompletableFuture<StoreReply> reconsidered(
            CompletableFuture<StoreReply> answer, StoreRequest call, long cameNanos, long askedNanos) {
        CompletableFuture<StoreReply> again = answer.thenCompose(said -> {
            boolean isInTime = scheduler.nanoTime() - cameNanos < longestNanos;
            return isInTime && said instanceof StoreReply.Decided decided && isUsedUp(decided)
                    ? review(decided, call, askedNanos)
                    : answer;
        });
        return Cancellation.passedOn(again, answer);
    }

    private CompletableFuture<StoreReply> review(StoreReply.Decided refused, StoreRequest call, long askedNanos) {
        List<Lease> inTheWay = inTheWay(refused, call, askedNanos);
        if (inTheWay.isEmpty()) {
            return CompletableFuture.completedFuture(refused);
        }
        CompletableFuture<?>[] others = inTheWay.stream().map(Lease::underWay).toArray(CompletableFuture<?>[]::new);
        return patience.doneOrLate(CompletableFuture.allOf(others), Patience.USUAL_NANOS)
                .thenCompose(done -> reconsider(refused, inTheWay, call, askedNanos));
    }

    /**
     * What was brought meanwhile is spent. What is here but not enough is given back before the store is asked again:
     * if it has the rest, it permits the request then; and if not, it says for how long it cannot. By then a call that
     * took longer than it was waited for may have brought some after all.
     */
    private CompletableFuture<StoreReply> reconsider(
            StoreReply refused, List<Lease> leases, StoreRequest call, long askedNanos) {
        StoreReply spent = spent(leases, call);
        if (spent != null) {
            return CompletableFuture.completedFuture(spent);
        }
        // Or a refill that is due would take again what is given back, before the request gets it.
        leases.forEach(Lease::beginYielding);
        CompletableFuture<StoreReply> again = givenBack(refused, leases, call, askedNanos);
        again.whenComplete((said, failure) -> leases.forEach(Lease::endYielding));
        return again.thenApply(said -> {
            boolean isRefused = said instanceof StoreReply.Decided decided && isUsedUp(decided);
            return isRefused ? Objects.requireNonNullElse(spent(leases, call), said) : said;
        });
    }

    /** Permits a request from what is leased here, if that is enough; null if not, or if it needs the store. */
    private @Nullable StoreReply spent(List<Lease> leases, StoreRequest call) {
        boolean isPlain = LeaseBasis.isLeasable(call);
        Decision permitted =
                isPlain ? leases.get(0).permit(call.charges().get(0), call.version(), scheduler.nanoTime()) : null;
        if (permitted == null) {
            return null;
        }
        leases.get(0).hasWastedACall();
        return StoreReply.Decided.uncharged(permitted);
    }

    private CompletableFuture<StoreReply> givenBack(
            StoreReply refused, List<Lease> leases, StoreRequest call, long askedNanos) {
        boolean isThereAgain = leases.stream().anyMatch(lease -> lease.hasReturnedSince(askedNanos));
        CompletableFuture<?>[] given = leases.stream()
                .filter(Lease::hasPermits)
                .map(lease -> keeper.giveBack(lease, lease.giveBack(scheduler.nanoTime())))
                .toArray(CompletableFuture<?>[]::new);
        if (given.length == 0 && !isThereAgain) {
            return CompletableFuture.completedFuture(refused);
        }
        leases.get(0).hasWastedACall();
        return CompletableFuture.allOf(given).thenCompose(done -> askAgain.apply(call));
    }

    /** What is leased here, or was, of the limits that have refused a call: it would help. */
    private List<Lease> inTheWay(StoreReply.Decided decided, StoreRequest call, long askedNanos) {
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < call.charges().size(); i++) {
            Lease lease = keeper.leases()
                    .find(call.charges().get(i).policy())
                    .find(call.subject().id());
            if (lease != null
                    && lease.isInTheWay(askedNanos)
                    && isUsedUp(decided.decisions().get(i))) {
                leases.add(lease);
            }
        }
        return leases;
    }

    /** Without a stream: nearly every answer of the store passes here. */
    private static boolean isUsedUp(StoreReply.Decided decided) {
        for (Decision decision : decided.decisions()) {
            if (isUsedUp(decision)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isUsedUp(Decision decision) {
        return switch (decision.reason()) {
            case LIMIT, SHARE, CAPACITY -> !decision.permitted();
            default -> false;
        };
    }
}
