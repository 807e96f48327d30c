package dev.weir.filter;

import dev.weir.PolicyCost;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Reason;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What gates have asked for one request, however often it is dispatched: so that nothing is charged twice, and what was
 * rejected stays rejected. Kept in the request; of one thread at a time.
 *
 * <p>Only what is counted for the same client on the same use is the same: neither another action that has numbers of
 * its own, nor another sub-bucket, nor another client. What shadow mode would have rejected was not counted, and is
 * asked again by a gate that enforces it.
 */
final class RequestLedger {

    private static final String ATTRIBUTE = "dev.weir.filter.ledger";

    /**
     * What counts by itself.
     *
     * @param limiter whose policy
     * @param action that of a policy which has numbers for it; else null
     */
    record Use(
            RateLimits limiter,
            String client,
            String policy,
            @Nullable String action) {}

    /** A bucket, by its id: one request may name several by the same field, if filters wrap it. */
    record BucketUse(RateLimits limiter, String id) {}

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
    static Optional<RequestLedger> of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof RequestLedger ledger ? Optional.of(ledger) : Optional.empty();
    }

    static RequestLedger ofOrNew(HttpServletRequest request) {
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

    /** Of a request that was rejected, what would have passed was not charged: only the rejections are known then. */
    void remember(Use use, Decision decision, Decisions all) {
        if (all.permitted() || !decision.permitted()) {
            entries.add(new Entry(use, decision));
        }
    }

    void remember(BucketUse bucket, Decision decision) {
        if (isCounted(decision)) {
            countedBuckets.add(bucket);
        }
    }

    void rememberRejection(Set<BucketUse> asked, Decision rejection) {
        bucketRejections.add(new BucketRejection(asked, rejection));
    }

    /** Whether the request was charged, or the store was away and let it pass. */
    private static boolean isCounted(Decision decision) {
        return decision.permitted()
                && (decision.reason() == Reason.OK || decision.reason() == Reason.STORE_UNAVAILABLE);
    }
}
