package dev.weir.filter;

import dev.weir.BucketCost;
import dev.weir.PolicyCost;
import dev.weir.filter.RequestLedger.BucketUse;
import dev.weir.filter.RequestLedger.Use;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a request still has to be charged at a gate: the gate's costs, without those that have been decided for the
 * request before and those that it already waits for.
 *
 * @param policies the costs under policies
 * @param buckets the costs in buckets, by the source that names the bucket; each of another bucket
 */
record DueCosts(List<PolicyCost> policies, Map<String, BucketCost> buckets) {

    /**
     * The costs that are due for a request.
     *
     * @param client the client that the request comes from
     * @param costs all costs of the gate
     * @throws MissingBucketException if the request has to name a bucket, and names none
     */
    static DueCosts of(Exchange request, RateLimits limits, String client, Costs costs) {
        return new DueCosts(
                policies(request, limits, client, costs.policies()),
                costs.buckets().isEmpty() ? Map.of() : buckets(request, limits, costs.buckets()));
    }

    private static List<PolicyCost> policies(
            Exchange request, RateLimits limits, String client, List<PolicyCost> costs) {
        Optional<RequestLedger> ledger = RequestLedger.of(request);
        Optional<Waits> waits = Waits.of(request);
        if (ledger.isEmpty() && waits.isEmpty()) {
            return costs; // As nearly always.
        }
        return costs.stream()
                .filter(cost -> {
                    Use use = Use.of(limits, client, cost);
                    return ledger.stream().noneMatch(all -> all.answers(use, cost))
                            && waits.stream()
                                    .noneMatch(all -> all.each().stream().anyMatch(wait -> wait.asks(use, cost)));
                })
                .toList();
    }

    private static Map<String, BucketCost> buckets(Exchange request, RateLimits limits, List<NamedBucket> costs) {
        Map<String, BucketCost> buckets = new LinkedHashMap<>();
        for (NamedBucket bucket : costs) {
            Optional<BucketCost> named = bucket.of(request);
            if (named.isEmpty() && !bucket.shadow()) {
                throw new MissingBucketException(Problem.namelessBucket(bucket.source()));
            }
            named.filter(cost -> !isAsked(request, BucketUse.of(limits, cost)))
                    .filter(cost -> buckets.values().stream()
                            .noneMatch(other -> other.id().equals(cost.id())))
                    .ifPresent(cost -> buckets.put(bucket.source(), cost));
        }
        return buckets;
    }

    /** Whether a request has been charged to a bucket, or waits for it. */
    private static boolean isAsked(Exchange request, BucketUse bucket) {
        return RequestLedger.of(request).stream().anyMatch(ledger -> ledger.answers(bucket))
                || Waits.of(request).stream()
                        .flatMap(waits -> waits.each().stream())
                        .anyMatch(wait -> wait.asks(bucket));
    }

    boolean isEmpty() {
        return policies.isEmpty() && buckets.isEmpty();
    }

    List<BucketCost> bucketCosts() {
        return List.copyOf(buckets.values());
    }

    Set<BucketUse> bucketUses(RateLimits limits) {
        return buckets.values().stream().map(cost -> BucketUse.of(limits, cost)).collect(Collectors.toSet());
    }
}
