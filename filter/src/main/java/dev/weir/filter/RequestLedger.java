package dev.weir.filter;

import dev.weir.BucketCost;
import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Names;
import dev.weir.limit.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What gates have asked for one request, however often it is dispatched: so that nothing is charged twice, and what was
 * rejected stays rejected. Kept in an attribute of the request; used by one thread at a time.
 *
 * <p>Two costs are the same only if they count for the same client on the same use: another action that has numbers of
 * its own, another sub-bucket or another client is another cost. What shadow mode would have rejected was not counted,
 * and is asked again by a gate that enforces it.
 */
final class RequestLedger {

    private static final String ATTRIBUTE = "dev.weir.filter.ledger";

    /**
     * What counts by itself.
     *
     * @param limiter the limiter whose policy it is
     * @param action the request's action if the policy has numbers for it; else null
     */
    record Use(
            RateLimits limiter,
            String client,
            String policy,
            @Nullable String action) {

        /** What a client uses with a cost. */
        static Use of(RateLimits limits, String client, PolicyCost cost) {
            Policy policy = limits.weir().policies().get(cost.policy());
            boolean countsByItself = policy != null
                    && cost.action() != null
                    && policy.terms().actions().containsKey(cost.action());
            return new Use(limits, client, cost.policy(), countsByItself ? cost.action() : null);
        }
    }

    /** A bucket, by its id: one request may name several by the same field, if filters wrap it. */
    record BucketUse(RateLimits limiter, String id) {

        static BucketUse of(RateLimits limits, BucketCost cost) {
            return new BucketUse(limits, cost.id());
        }
    }

    /** The buckets that were asked together, of which at least one has rejected. */
    private record BucketRejection(Set<BucketUse> asked, Decision decision) {}

    private record Entry(Use use, Decision decision) {

        boolean answers(Use asked, PolicyCost cost) {
            boolean isSame = use.equals(asked) && isOfSubBucket(cost.subBucket());
            return isSame && (isCounted(decision) || isRejected() || cost.shadow());
        }

        private boolean isOfSubBucket(@Nullable Integer named) {
            return named == null || decision.subBucket().equals(OptionalInt.of(named));
        }

        boolean isRejected() {
            return !decision.permitted();
        }
    }

    private final List<Entry> entries = new ArrayList<>(2);
    private final Set<BucketUse> countedBuckets = new HashSet<>(2);
    private final List<BucketRejection> bucketRejections = new ArrayList<>(0);

    private RequestLedger() {}

    /** That of a request; empty if nothing was asked for it yet, as nearly always. */
    static Optional<RequestLedger> of(Exchange request) {
        return request.attribute(ATTRIBUTE) instanceof RequestLedger ledger ? Optional.of(ledger) : Optional.empty();
    }

    static RequestLedger ofOrNew(Exchange request) {
        return of(request).orElseGet(() -> {
            RequestLedger created = new RequestLedger();
            request.setAttribute(ATTRIBUTE, created);
            return created;
        });
    }

    /** Whether what a cost asks is answered already. */
    boolean answers(Use use, PolicyCost cost) {
        for (Entry entry : entries) {
            if (entry.answers(use, cost)) {
                return true;
            }
        }
        return false;
    }

    /** The rejection that a cost meets again; null if it meets none. */
    @Nullable Rejected rejection(Use use, PolicyCost cost) {
        for (Entry entry : entries) {
            if (!cost.shadow() && entry.answers(use, cost) && entry.decision() instanceof Rejected rejected) {
                return rejected;
            }
        }
        return null;
    }

    boolean answers(BucketUse bucket) {
        return countedBuckets.contains(bucket);
    }

    /** The rejection that these buckets, asked together, give again; null if they give none. */
    @Nullable Decision rejection(Set<BucketUse> asked) {
        for (BucketRejection rejection : bucketRejections) {
            if (rejection.asked().equals(asked)) {
                return rejection.decision();
            }
        }
        return null;
    }

    /** Remembers what was decided on costs of a client. */
    void remember(RateLimits limits, String client, DueCosts due, Decisions now) {
        for (PolicyCost cost : due.policies()) {
            for (Decision decision : now.each()) {
                if (decision.policy().equals(cost.policy())) {
                    remember(Use.of(limits, client, cost), decision, now);
                }
            }
        }
        if (!due.buckets().isEmpty()) {
            rememberBuckets(limits, due, now);
        }
    }

    /** Of a request that was rejected, what would have passed was not charged: only the rejections are known then. */
    private void remember(Use use, Decision decision, Decisions all) {
        if (all.permitted() || !decision.permitted()) {
            entries.add(new Entry(use, decision));
        }
    }

    /**
     * If all buckets permit, there is one decision for each, in the order asked; but a single bucket in shadow mode
     * that does not exist has none. If any bucket rejects, the others may not have been asked.
     */
    private void rememberBuckets(RateLimits limits, DueCosts due, Decisions now) {
        Iterator<BucketCost> asked = due.buckets().values().iterator();
        for (Decision decision : now.each()) {
            if (decision.policy().equals(Names.BUCKET)) {
                if (now.permitted()) {
                    remember(BucketUse.of(limits, asked.next()), decision);
                } else if (!decision.permitted()) {
                    bucketRejections.add(new BucketRejection(due.bucketUses(limits), decision));
                }
            }
        }
    }

    private void remember(BucketUse bucket, Decision decision) {
        if (isCounted(decision)) {
            countedBuckets.add(bucket);
        }
    }

    /** Whether the request was charged, or the store was away and let it pass. */
    private static boolean isCounted(Decision decision) {
        return decision.permitted()
                && (decision.reason() == Reason.OK || decision.reason() == Reason.STORE_UNAVAILABLE);
    }
}
