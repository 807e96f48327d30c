package dev.weir.filter;

import dev.weir.BucketCost;
import dev.weir.Decision;
import dev.weir.Decision.Rejected;
import dev.weir.Decisions;
import dev.weir.PolicyCost;
import dev.weir.Reason;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What gates have asked for one request, however often it is dispatched: so that nothing is charged twice, and what was
 * rejected stays rejected. Kept in the request; of one thread at a time.
 *
 * <p>Only what is counted for the same client on the same use is the same: neither another action that has numbers of its own,
 * nor another sub-bucket, nor another client. What shadow mode would have rejected was not counted, and is asked again by a gate
 * that enforces it.
 */
final class RequestLedger {

    private static final String ATTRIBUTE = "dev.weir.filter.ledger";

    /**
     * What counts by itself.
     *
     * @param action that of a policy which has numbers for it; else null
     */
    record Use(String client, String policy, @Nullable String action) {}

    private record Entry(Use use, Decision decision) {

        boolean answers(Use asked, PolicyCost cost) {
            Integer named = cost.subBucket();
            boolean isSame = use.equals(asked) && (named == null || named == decision.subBucketIndex());
            return isSame && (isCounted() || isRejected() || cost.shadow());
        }

        boolean isRejected() {
            return !decision.permitted();
        }

        /** Whether the request was charged, or the store was away and let it pass. */
        private boolean isCounted() {
            return decision.permitted()
                    && (decision.reason() == Reason.OK || decision.reason() == Reason.STORE_UNAVAILABLE);
        }
    }

    private final List<Entry> entries = new ArrayList<>(2);
    private final List<String> rejectedBuckets = new ArrayList<>(0);
    private @Nullable Decision bucketRejection;

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

    /** The rejection that a bucket gives again; null if it gives none. */
    @Nullable Decision rejection(BucketCost bucket) {
        return !bucket.shadow() && rejectedBuckets.contains(bucket.id()) ? bucketRejection : null;
    }

    /** Of a request that was rejected, what would have passed was not charged: only the rejections are known then. */
    void remember(Use use, Decision decision, Decisions all) {
        if (all.permitted() || !decision.permitted()) {
            entries.add(new Entry(use, decision));
        }
    }

    void rememberRejection(Iterable<BucketCost> buckets, Decision rejection) {
        bucketRejection = rejection;
        buckets.forEach(bucket -> rejectedBuckets.add(bucket.id()));
    }
}
