package dev.weir.filter;

import dev.weir.PolicyCost;
import dev.weir.UnknownBucketException;
import dev.weir.filter.RequestLedger.Use;
import dev.weir.filter.config.HttpSettings;
import dev.weir.filter.trace.DecisionTrace;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A place where requests are charged: a filter, or a resource method.
 *
 * <p>What has been decided is kept in the request itself ({@link RequestLedger}), so a policy or a bucket is charged
 * once for each request, however often the request passes a gate: forwarded, included, dispatched again, or first
 * through a filter and then to a resource.
 */
final class Gate {

    /** One of 64 requests is measured: two looks at the clock and a histogram would take longer than the rest. */
    private static final int UNMEASURED = 63;

    private static final DecisionTrace TRACE = DecisionTrace.onClassPath();

    private final RateLimits limits;
    private final Costs costs;
    private final DecisionReport report;

    /**
     * @param limits the limiter whose policies are charged
     * @param costs what a request is charged, all together or not at all
     * @param exposed whether the response reports these policies; it never reports one in shadow mode
     */
    Gate(RateLimits limits, Costs costs, boolean exposed) {
        this.limits = limits;
        this.costs = costs;
        this.report = new DecisionReport(limits, exposed);
    }

    RateLimits limits() {
        return limits;
    }

    /**
     * Charges a request for what it has not been charged yet, writes the fields of the response, and returns why the
     * request may not go on. A request that has to wait for its turn gets {@link Waits}, and no fields yet.
     *
     * @param place where the request may wait; if it cannot, it is rejected at the limit
     */
    Optional<Problem> enter(Exchange request, WaitingPlace place) {
        if (request.isAnswer()) {
            return Optional.empty(); // An answer on its way out: nothing more is asked for.
        }
        if ((ThreadLocalRandom.current().nextInt() & UNMEASURED) != 0) {
            return decide(request, place);
        }
        long startNanos = System.nanoTime();
        try {
            return decide(request, place);
        } finally {
            limits.heldUp(System.nanoTime() - startNanos);
        }
    }

    private Optional<Problem> decide(Exchange request, WaitingPlace place) {
        try {
            String client = client(limits.http(), request);
            Optional<Problem> rejected = rejectedBefore(request, client);
            if (rejected.isPresent()) {
                return rejected;
            }
            DueCosts due = DueCosts.of(request, limits, client, costs);
            rejected = rejectedBefore(request, due);
            return rejected.isPresent() || due.isEmpty() ? rejected : charge(due, client, request, place);
        } catch (MissingBucketException missing) {
            return Optional.of(missing.report(request));
        }
    }

    private static String client(HttpSettings http, Exchange request) {
        return http.clientId()
                .resolve(request)
                .orElseThrow(() -> new IllegalStateException("the client id resolver in force has no answer"));
    }

    /**
     * A policy that has rejected this request rejects it again each time that the request passes a gate, for instance
     * when a page includes a servlet twice.
     */
    private Optional<Problem> rejectedBefore(Exchange request, String client) {
        return RequestLedger.of(request).flatMap(ledger -> {
            List<Decision> rejections = new ArrayList<>();
            for (PolicyCost cost : costs.policies()) {
                Rejected rejection = ledger.rejection(Use.of(limits, client, cost), cost);
                if (rejection != null) {
                    rejections.add(rejection);
                }
            }
            return rejections.isEmpty() ? Optional.empty() : Optional.of(Problem.of(new Decisions(rejections)));
        });
    }

    /** So do the buckets that have rejected it. */
    private Optional<Problem> rejectedBefore(Exchange request, DueCosts due) {
        return RequestLedger.of(request)
                .map(ledger -> ledger.rejection(due.bucketUses(limits)))
                .map(rejection -> Problem.of(new Decisions(List.of(rejection))));
    }

    private Optional<Problem> charge(DueCosts due, String client, Exchange request, WaitingPlace place) {
        boolean isDelayed = isDelayed(due);
        boolean waits = isDelayed && place.isReachable();
        OptionalLong sinceNanos = waits ? OptionalLong.of(System.nanoTime()) : OptionalLong.empty();
        PendingDecision pending = new PendingDecision(this, due, client, turn(due, client, waits), sinceNanos);
        if (pending.turn().isDone()) {
            Optional<Problem> problem = pending.settle(request);
            if (isDelayed && !waits && problem.isPresent()) {
                place.isMissed();
            }
            return problem;
        }
        Waits.add(request, pending);
        return Optional.empty();
    }

    private boolean isDelayed(DueCosts due) {
        for (PolicyCost cost : due.policies()) {
            if (!cost.shadow() && limits.delays(cost.policy())) {
                return true;
            }
        }
        return false;
    }

    private CompletableFuture<Decisions> turn(DueCosts due, String client, boolean waits) {
        try {
            return waits
                    ? limits.weir().acquireAsync(client, due.policies(), due.bucketCosts())
                    : CompletableFuture.completedFuture(decideNow(due, client));
        } catch (UnknownBucketException unknown) {
            return CompletableFuture.failedFuture(unknown);
        }
    }

    /** Decides without a wait. */
    Decisions decideNow(DueCosts due, String client) {
        return limits.weir().tryAcquire(client, due.policies(), due.bucketCosts());
    }

    /** Whether a request that names a bucket which does not exist is rejected: not if all are in shadow mode. */
    boolean rejectsUnknownBuckets() {
        return !costs.buckets().stream().allMatch(NamedBucket::shadow);
    }

    /** Remembers decisions for the next gate, reports them, and returns why the request may not go on. */
    Optional<Problem> report(Decisions now, PendingDecision pending, Exchange request) {
        RequestLedger.ofOrNew(request).remember(limits, pending.client(), pending.due(), now);
        TRACE.add(now, pending.sinceNanos());
        limits.rejectedClients().add(pending.client(), now);
        return report.write(now, pending.due(), request);
    }
}
