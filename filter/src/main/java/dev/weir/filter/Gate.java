package dev.weir.filter;

import dev.weir.BucketCost;
import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.UnknownBucketException;
import dev.weir.filter.config.HttpSettings;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Names;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * A place where requests are charged: a filter, or a resource method.
 *
 * <p>What has been decided is kept in the request itself ({@link RequestLedger}), so a policy or a bucket is charged
 * once for each request however often the request comes by: forwarded, included, dispatched again, or first through a
 * filter and then to a resource.
 *
 * @param limits whose policies
 * @param costs what a request is charged, all together or not at all
 * @param exposed whether the response reports these policies; it never reports one in shadow mode
 */
record Gate(RateLimits limits, Costs costs, boolean exposed) {

    private static final String EXPOSED = "dev.weir.filter.exposed";

    /**
     * What a request has still to be charged.
     *
     * @param buckets by what names them; each another one
     */
    record Due(List<PolicyCost> policies, Map<String, BucketCost> buckets) {

        boolean isEmpty() {
            return policies.isEmpty() && buckets.isEmpty();
        }
    }

    /** A request that names no bucket, or none that exists, where it has to. */
    private static final class MissingBucketException extends RuntimeException {

        private final Problem problem;

        MissingBucketException(Problem problem) {
            super(problem.body(), null, false, false);
            this.problem = problem;
        }

        Problem report(HttpServletResponse response) {
            RateLimitHeaders.forget(response);
            return problem;
        }
    }

    /** What a request asks here, and what comes of it when its turn has come. */
    record Parked(Gate gate, Due due, String client, CompletableFuture<Decisions> turn) {

        /**
         * Tells what was decided, as {@link Gate#enter} does. If the turn has not come, or was given up, it is decided
         * now, without a wait.
         */
        Optional<Problem> settle(HttpServletRequest request, HttpServletResponse response) {
            turn.cancel(false);
            try {
                Optional<Decisions> decided = gate.decided(this);
                return decided.flatMap(decisions -> gate.report(decisions, this, request, response));
            } catch (MissingBucketException nameless) {
                return Optional.of(nameless.report(response));
            }
        }

        /** Whether the request waits for what a cost asks. */
        boolean asks(RequestLedger.Use use, PolicyCost cost) {
            return due.policies().stream()
                    .anyMatch(own -> gate.use(client, own).equals(use)
                            && (cost.subBucket() == null || cost.subBucket().equals(own.subBucket()))
                            && (cost.shadow() || !own.shadow()));
        }

        /** Whether the request waits for permits of a bucket. */
        boolean asks(RequestLedger.BucketUse bucket) {
            return due.buckets().values().stream()
                    .anyMatch(own -> !own.shadow() && gate.use(own).equals(bucket));
        }

        private Decisions decisions() {
            try {
                return turn.isCancelled() ? gate.decideNow(due, client) : turn.join();
            } catch (CompletionException failed) {
                throw failed.getCause() instanceof RuntimeException why ? why : failed;
            }
        }
    }

    /**
     * Charges a request for what it has not been charged yet, writes the response's fields, and says why it may not go
     * on. One that has to wait for its turn gets {@link Waits}, and no fields yet.
     *
     * @param mayWait whether it can wait from here; if not, it is rejected at the limit
     */
    Optional<Problem> enter(HttpServletRequest request, HttpServletResponse response, BooleanSupplier mayWait) {
        if (request.getDispatcherType() == DispatcherType.ERROR) {
            return Optional.empty(); // An answer on its way out: nothing more is asked for.
        }
        try {
            String client = client(limits.http(), request);
            Optional<Problem> rejected = rejectedBefore(request, client);
            if (rejected.isPresent()) {
                return rejected;
            }
            Due due = due(request, client);
            rejected = rejectedBefore(request, due);
            return rejected.isPresent() || due.isEmpty() ? rejected : charge(due, client, request, response, mayWait);
        } catch (MissingBucketException nameless) {
            return Optional.of(nameless.report(response));
        }
    }

    /**
     * What has rejected this request rejects it again, whatever it comes by: a page that includes a servlet twice for
     * instance.
     */
    private Optional<Problem> rejectedBefore(HttpServletRequest request, String client) {
        return RequestLedger.of(request).flatMap(ledger -> {
            List<Decision> rejections = new ArrayList<>();
            for (PolicyCost cost : costs.policies()) {
                Rejected rejection = ledger.rejection(use(client, cost), cost);
                if (rejection != null) {
                    rejections.add(rejection);
                }
            }
            return rejections.isEmpty() ? Optional.empty() : Optional.of(Problem.of(new Decisions(rejections)));
        });
    }

    /** The same of buckets. */
    private Optional<Problem> rejectedBefore(HttpServletRequest request, Due due) {
        return RequestLedger.of(request)
                .map(ledger -> ledger.rejection(uses(due)))
                .map(rejection -> Problem.of(new Decisions(List.of(rejection))));
    }

    private Set<RequestLedger.BucketUse> uses(Due due) {
        return due.buckets().values().stream().map(this::use).collect(Collectors.toSet());
    }

    private RequestLedger.BucketUse use(BucketCost bucket) {
        return new RequestLedger.BucketUse(limits, bucket.id());
    }

    private RequestLedger.Use use(String client, PolicyCost cost) {
        Policy policy = limits.weir().policies().get(cost.policy());
        boolean countsByItself = policy != null
                && cost.action() != null
                && policy.terms().actions().containsKey(cost.action());
        return new RequestLedger.Use(limits, client, cost.policy(), countsByItself ? cost.action() : null);
    }

    private Due due(HttpServletRequest request, String client) {
        return new Due(duePolicies(request, client), costs.buckets().isEmpty() ? Map.of() : dueBuckets(request));
    }

    private List<PolicyCost> duePolicies(HttpServletRequest request, String client) {
        Optional<RequestLedger> ledger = RequestLedger.of(request);
        Optional<Waits> waits = Waits.of(request);
        if (ledger.isEmpty() && waits.isEmpty()) {
            return costs.policies(); // As nearly always.
        }
        return costs.policies().stream()
                .filter(cost -> {
                    RequestLedger.Use use = use(client, cost);
                    return ledger.stream().noneMatch(all -> all.answers(use, cost))
                            && waits.stream()
                                    .noneMatch(all -> all.each().stream().anyMatch(parked -> parked.asks(use, cost)));
                })
                .toList();
    }

    private Map<String, BucketCost> dueBuckets(HttpServletRequest request) {
        Map<String, BucketCost> buckets = new LinkedHashMap<>();
        for (NamedBucket bucket : costs.buckets()) {
            Optional<BucketCost> named = bucket.of(request);
            if (named.isEmpty() && !bucket.shadow()) {
                throw new MissingBucketException(Problem.namelessBucket(bucket.source()));
            }
            named.filter(cost -> !isAsked(request, use(cost)))
                    .filter(cost -> buckets.values().stream()
                            .noneMatch(other -> other.id().equals(cost.id())))
                    .ifPresent(cost -> buckets.put(bucket.source(), cost));
        }
        return buckets;
    }

    /** Whether a request has been charged to a bucket, or waits for it. */
    private static boolean isAsked(HttpServletRequest request, RequestLedger.BucketUse bucket) {
        return RequestLedger.of(request).stream().anyMatch(ledger -> ledger.answers(bucket))
                || Waits.of(request).stream()
                        .flatMap(waits -> waits.each().stream())
                        .anyMatch(parked -> parked.asks(bucket));
    }

    private Optional<Problem> charge(
            Due due, String client, HttpServletRequest request, HttpServletResponse response, BooleanSupplier mayWait) {
        boolean waits = isDelayed(due) && mayWait.getAsBoolean();
        Parked asked = new Parked(this, due, client, turn(due, client, waits));
        if (asked.turn().isDone()) {
            return asked.settle(request, response);
        }
        Waits.add(request, asked);
        return Optional.empty();
    }

    private boolean isDelayed(Due due) {
        for (PolicyCost cost : due.policies()) {
            if (!cost.shadow() && limits.delays(cost.policy())) {
                return true;
            }
        }
        return false;
    }

    private CompletableFuture<Decisions> turn(Due due, String client, boolean waits) {
        try {
            return waits
                    ? limits.weir()
                            .acquireAsync(
                                    client,
                                    due.policies(),
                                    List.copyOf(due.buckets().values()))
                    : CompletableFuture.completedFuture(decideNow(due, client));
        } catch (UnknownBucketException unknown) {
            return CompletableFuture.failedFuture(unknown);
        }
    }

    private Decisions decideNow(Due due, String client) {
        return limits.weir()
                .tryAcquire(client, due.policies(), List.copyOf(due.buckets().values()));
    }

    private Optional<Problem> report(
            Decisions now, Parked asked, HttpServletRequest request, HttpServletResponse response) {
        List<String> shown = shown(asked.due());
        add(request, RateLimitFilter.DECISIONS, now);
        remember(now, asked, request);
        List<Decision> reported = reported(now, shown);
        if (!reported.isEmpty()) {
            RateLimitHeaders.describe(
                    response, limits.http().headers(), add(request, EXPOSED, new Decisions(reported)));
        }
        if (now.permitted()) {
            return Optional.empty();
        }
        RateLimitHeaders.reject(response, now);
        return Optional.of(Problem.of(now));
    }

    private List<String> shown(Due due) {
        List<String> shown = new ArrayList<>(due.policies().size());
        for (PolicyCost cost : due.policies()) {
            if (!cost.shadow() && !limits.isShadow(cost.policy())) {
                shown.add(cost.policy());
            }
        }
        for (BucketCost bucket : due.buckets().values()) {
            if (!bucket.shadow()) {
                shown.add(Names.BUCKET);
            }
        }
        return shown;
    }

    private List<Decision> reported(Decisions now, List<String> shown) {
        List<Decision> reported = new ArrayList<>(now.each().size());
        for (Decision decision : now.each()) {
            if (exposed && shown.contains(decision.policy())) {
                reported.add(decision);
            }
        }
        return reported;
    }

    /**
     * Empty if there is nothing to decide: a bucket that is only tried out rejects no request for which there is
     * none.
     */
    private Optional<Decisions> decided(Parked asked) {
        Due due = asked.due();
        try {
            return Optional.of(asked.decisions());
        } catch (UnknownBucketException unknown) {
            if (!costs.buckets().stream().allMatch(NamedBucket::shadow)) {
                throw new MissingBucketException(
                        Problem.unknownBucket(due.buckets().keySet().stream().collect(Collectors.joining(" or "))));
            }
            return Optional.empty();
        }
    }

    private static String client(HttpSettings http, HttpServletRequest request) {
        return http.clientId()
                .resolve(request)
                .orElseThrow(() -> new IllegalStateException("the client id resolver in force has no answer"));
    }

    private static List<Decision> decisions(HttpServletRequest request, String attribute) {
        return request.getAttribute(attribute) instanceof Decisions decisions ? decisions.each() : List.of();
    }

    private void remember(Decisions now, Parked asked, HttpServletRequest request) {
        RequestLedger ledger = RequestLedger.ofOrNew(request);
        Due due = asked.due();
        for (PolicyCost cost : due.policies()) {
            for (Decision decision : now.each()) {
                if (decision.policy().equals(cost.policy())) {
                    ledger.remember(use(asked.client(), cost), decision, now);
                }
            }
        }
        if (!due.buckets().isEmpty()) {
            remember(now, due, ledger);
        }
    }

    /**
     * Of buckets, what is permitted has a decision each, in the order asked; but one that is only tried out, alone, and
     * does not exist has none. If any rejects, the others may not have been asked.
     */
    private void remember(Decisions now, Due due, RequestLedger ledger) {
        Iterator<BucketCost> asked = due.buckets().values().iterator();
        for (Decision decision : now.each()) {
            if (decision.policy().equals(Names.BUCKET)) {
                if (now.permitted()) {
                    ledger.remember(use(asked.next()), decision);
                } else if (!decision.permitted()) {
                    ledger.rememberRejection(uses(due), decision);
                }
            }
        }
    }

    /** Adds decisions to those of an attribute; all of them are the answer. */
    private static Decisions add(HttpServletRequest request, String attribute, Decisions now) {
        List<Decision> before = decisions(request, attribute);
        Decisions all = before.isEmpty() ? now : new Decisions(joined(before, now.each()));
        request.setAttribute(attribute, all);
        return all;
    }

    private static List<Decision> joined(List<Decision> before, List<Decision> now) {
        List<Decision> all = new ArrayList<>(before);
        all.addAll(now);
        return all;
    }
}
