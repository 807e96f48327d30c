package dev.weir.filter;

import dev.weir.PolicyCost;
import dev.weir.UnknownBucketException;
import dev.weir.filter.RequestLedger.BucketUse;
import dev.weir.filter.RequestLedger.Use;
import dev.weir.limit.Decisions;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What a request is to be charged at a gate, and the decision on it, for which the request may have to wait.
 *
 * @param client the client that is charged
 * @param turn completes with the decisions when the request's turn has come
 * @param sinceNanos when the request took its place in a line; empty if it cannot wait
 */
record PendingDecision(
        Gate gate, DueCosts due, String client, CompletableFuture<Decisions> turn, OptionalLong sinceNanos) {

    /**
     * Reports what was decided, as {@link Gate#enter} does. If the turn has not come, or was given up, it is decided
     * now, without a wait.
     */
    Optional<Problem> settle(Exchange request) {
        turn.cancel(false);
        try {
            return decided().flatMap(decisions -> gate.report(decisions, this, request));
        } catch (MissingBucketException missing) {
            return Optional.of(missing.report(request));
        }
    }

    /**
     * Empty if there is nothing to decide: a bucket in shadow mode rejects no request, even if the bucket does not
     * exist.
     */
    private Optional<Decisions> decided() {
        try {
            return Optional.of(decisions());
        } catch (UnknownBucketException unknown) {
            if (gate.rejectsUnknownBuckets()) {
                throw new MissingBucketException(
                        Problem.unknownBucket(String.join(" or ", due.buckets().keySet())));
            }
            return Optional.empty();
        }
    }

    private Decisions decisions() {
        try {
            return turn.isCancelled() ? gate.decideNow(due, client) : turn.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException why ? why : failed;
        }
    }

    /** Whether the decision covers what a cost asks. */
    boolean asks(Use use, PolicyCost cost) {
        return due.policies().stream()
                .anyMatch(own -> Use.of(gate.limits(), client, own).equals(use)
                        && (cost.subBucket() == null || cost.subBucket().equals(own.subBucket()))
                        && (cost.shadow() || !own.shadow()));
    }

    /** Whether the decision covers permits of a bucket. */
    boolean asks(BucketUse bucket) {
        return due.buckets().values().stream()
                .anyMatch(
                        own -> !own.shadow() && BucketUse.of(gate.limits(), own).equals(bucket));
    }
}
