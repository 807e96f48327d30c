package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.store.LimiterListener;
import dev.weir.store.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One request on several subjects, which no store can decide in one step: they live in different shards. A client,
 * buckets, and each pool that the client shares.
 *
 * <pre>
 *    client -- permitted --> narrowest -- permitted --> widest -- permitted --> charged on all
 *       |                       |                         |
 *    refused                 refused                   refused
 *       |                       |                         |
 *   nothing charged         what was charged before is given back; no request waits for it
 * </pre>
 *
 * <p>Each subject is decided by itself, atomically. The client comes first: callers name buckets, and a client above
 * its own limit must not learn which of them exist, nor touch those that it shares with others. Then come the buckets,
 * the one with the smallest capacity first: it is the most likely to refuse.
 *
 * <p>A bucket whose numbers are not known here is looked up only once the client's own policies, and the buckets that
 * are known, have permitted the request: no client makes the store search for buckets faster than its own limits allow.
 * For the same reason what a request was charged under its policies stays charged if it names a bucket that does not
 * exist.
 *
 * <p>Only the store itself decides, never a lease or a refusal that is remembered: of what was not charged there,
 * nothing could be given back there.
 *
 * <p>Of one request; not thread-safe.
 */
final class MultiSubjectAcquire {

    /** What is asked of one subject: a record for each claim. */
    private record Asked(RequestPart part, List<? extends Record> asks) {

        long capacity() {
            return part.claims().stream()
                    .mapToLong(ResolvedCost::capacity)
                    .min()
                    .orElseThrow();
        }

        boolean isOfClient() {
            return part.subject().kind() == Subject.Kind.CLIENT;
        }
    }

    private record Charged(Asked asked, Taken taken) {}

    private final Decider decider;
    private final Deadline deadline;
    private final LimiterListener listener;
    private final List<Asked> enforced = new ArrayList<>();
    private final List<Asked> shadowed = new ArrayList<>();
    private final List<Charged> charged = new ArrayList<>();
    private final Map<Record, Decision> decisions = new HashMap<>();

    /** A bucket that was only to be tried out, and does not exist. */
    private @Nullable UnknownBucketException missing;

    /**
     * @param deadline of the whole request, whatever it asks
     * @param listener is notified of what was decided
     */
    MultiSubjectAcquire(Decider decider, Deadline deadline, LimiterListener listener) {
        this.decider = decider;
        this.deadline = deadline;
        this.listener = listener;
    }

    Decisions decide(String client, List<PolicyCost> costs, List<BucketCost> buckets) {
        ask(client, costs);
        List<BucketCost> unknown = new ArrayList<>();
        for (BucketCost bucket : buckets) {
            if (!decider.isKnown(bucket)) {
                unknown.add(bucket);
            } else {
                ask(bucket);
            }
        }
        boolean permitted = false;
        try {
            permitted = take() && lookUp(unknown) && take();
        } catch (UnknownBucketException e) {
            charged.removeIf(before -> before.asked().isOfClient());
            report(costs, List.of());
            throw e;
        } finally {
            if (!permitted) {
                giveBack();
            }
        }
        if (permitted) {
            shadowed.forEach(this::tryOut);
        }
        List<Decision> reported = report(costs, buckets);
        if (reported.isEmpty() && missing != null) {
            throw missing;
        }
        return new Decisions(reported);
    }

    /** False if the store cannot be asked what is set for one that is enforced. */
    private boolean lookUp(List<BucketCost> buckets) {
        boolean isKnown = true;
        for (BucketCost bucket : buckets) {
            isKnown &= ask(bucket);
        }
        return isKnown;
    }

    private void ask(String client, List<PolicyCost> costs) {
        List<PolicyCost> together = costs.stream()
                .filter(cost -> !decider.isShadow(cost) && !decider.isShared(cost))
                .toList();
        if (!together.isEmpty()) {
            enforced.add(asked(client, together));
        }
        for (PolicyCost cost : costs) {
            if (!together.contains(cost)) {
                (decider.isShadow(cost) ? shadowed : enforced).add(asked(client, List.of(cost)));
            }
        }
    }

    private Asked asked(String client, List<PolicyCost> costs) {
        return new Asked(decider.known(client, costs, deadline), costs);
    }

    /**
     * False if nothing is known of a bucket that is enforced, and the store cannot be asked: then that is the decision.
     */
    private boolean ask(BucketCost bucket) {
        try {
            Optional<RequestPart> part = decider.known(bucket, deadline);
            part.ifPresentOrElse(
                    known -> (bucket.shadow() ? shadowed : enforced).add(new Asked(known, List.of(bucket))),
                    () -> decisions.put(bucket, ResolvedCost.ofUnreachableBucket(bucket)));
            return part.isPresent() || bucket.shadow();
        } catch (UnknownBucketException e) {
            pass(bucket.shadow(), e);
            return true;
        }
    }

    /** A bucket that is only tried out and does not exist has no decision, and is in no request's way. */
    private void pass(boolean isShadow, UnknownBucketException e) {
        if (!isShadow) {
            throw e;
        }
        missing = e;
    }

    /** Charges all that is enforced and has not been charged yet. */
    private boolean take() {
        enforced.sort(Comparator.comparing(Asked::isOfClient).reversed().thenComparingLong(Asked::capacity));
        for (Asked asked : enforced) {
            Taken taken = take(asked);
            if (!taken.decisions().stream().allMatch(Decision::permitted)) {
                return false;
            }
            charged.add(new Charged(asked, taken));
        }
        enforced.clear();
        return true;
    }

    private void tryOut(Asked asked) {
        try {
            take(asked);
        } catch (UnknownBucketException e) {
            pass(true, e);
        } catch (IllegalArgumentException e) {
            // Its numbers do not go with what was set since they were looked at: it has no decision.
        }
    }

    private Taken take(Asked asked) {
        Taken taken = decider.take(asked.part().strictly(), deadline);
        for (int i = 0; i < asked.asks().size(); i++) {
            decisions.put(asked.asks().get(i), taken.decisions().get(i));
        }
        return taken;
    }

    private void giveBack() {
        for (Charged before : charged) {
            decider.giveBack(before.taken());
            for (int i = 0; i < before.asked().asks().size(); i++) {
                ResolvedCost claim = before.taken().claims().get(i);
                decisions.computeIfPresent(
                        before.asked().asks().get(i), (ask, permitted) -> claim.givenBack(permitted));
            }
        }
    }

    /** Reports what was decided to the listener, in the order of the request. */
    private List<Decision> report(List<PolicyCost> costs, List<BucketCost> buckets) {
        List<Decision> reported = new ArrayList<>();
        Stream.concat(costs.stream(), buckets.stream()).forEach(ask -> {
            Decision decision = decisions.get(ask);
            if (decision != null) {
                listener.onDecision(decision, ask instanceof PolicyCost cost ? cost.cost() : ((BucketCost) ask).cost());
                reported.add(decision);
            }
        });
        return reported;
    }
}
