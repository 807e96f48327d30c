package dev.weir;

import dev.weir.Decider.Part;
import dev.weir.Decider.Taken;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One request on several subjects, which no store can decide in one step: they live in different shards. A client, buckets, and
 * each pool that the client shares.
 *
 * <pre>
 *   narrowest -- permitted --> next -- permitted --> widest -- permitted --> charged on all
 *       |                       |                      |
 *    refused                 refused                refused
 *       |                       |                      |
 *   nothing charged         what was charged before is given back; nobody waits for it
 * </pre>
 *
 * <p>Each subject is decided by itself, atomically. The narrowest comes first: the one that has the limit of the smallest
 * capacity, of equal ones the client. It is the most likely to refuse, and then nothing has to be given back; a client above its
 * own limit does not so much as touch the bucket that it shares with others.
 *
 * <p>Only the store itself decides, never a lease or a refusal that is remembered: of what was not charged there, nothing could be
 * given back there.
 *
 * <p>Of one request; not thread-safe.
 */
final class AllOrNone {

    /** What is asked of one subject: a record for each claim. */
    private record Asked(Part part, List<? extends Record> asks) {

        long capacity() {
            return part.claims().stream().mapToLong(Claim::capacity).min().orElseThrow();
        }
    }

    private record Charged(Asked asked, Taken taken) {}

    private final Decider decider;
    private final Patience patience;
    private final LimiterListener ear;
    private final List<Asked> enforced = new ArrayList<>();
    private final List<Asked> shadowed = new ArrayList<>();
    private final List<Charged> charged = new ArrayList<>();
    private final Map<Record, Decision> decisions = new HashMap<>();

    /**
     * @param patience of the whole request, whatever it asks
     * @param ear who hears what was decided
     */
    AllOrNone(Decider decider, Patience patience, LimiterListener ear) {
        this.decider = decider;
        this.patience = patience;
        this.ear = ear;
    }

    Decisions decide(String client, List<PolicyCost> costs, List<BucketCost> buckets) {
        ask(client, costs);
        boolean isKnown = true;
        for (BucketCost bucket : buckets) {
            isKnown &= ask(bucket);
        }
        boolean permitted = false;
        try {
            permitted = isKnown && take();
        } finally {
            if (!permitted) {
                giveBack();
            }
        }
        return told(costs, buckets);
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
        return new Asked(decider.known(client, costs, patience), costs);
    }

    /** False if nothing is known of a bucket that is enforced, and the store cannot be asked: then that is the decision. */
    private boolean ask(BucketCost bucket) {
        return decider.known(bucket, patience)
                .map(part -> (bucket.shadow() ? shadowed : enforced).add(new Asked(part, List.of(bucket))))
                .orElseGet(() -> {
                    decisions.put(bucket, Claim.ofUnreachableBucket(bucket));
                    return bucket.shadow();
                });
    }

    private boolean take() {
        enforced.sort(Comparator.comparingLong(Asked::capacity));
        for (Asked asked : enforced) {
            Taken taken = take(asked);
            if (!taken.decisions().stream().allMatch(Decision::permitted)) {
                return false;
            }
            charged.add(new Charged(asked, taken));
        }
        shadowed.forEach(this::take);
        return true;
    }

    private Taken take(Asked asked) {
        Taken taken = decider.take(asked.part().strictly(), patience);
        for (int i = 0; i < asked.asks().size(); i++) {
            decisions.put(asked.asks().get(i), taken.decisions().get(i));
        }
        return taken;
    }

    private void giveBack() {
        for (Charged before : charged) {
            decider.giveBack(before.taken());
            for (int i = 0; i < before.asked().asks().size(); i++) {
                Claim claim = before.taken().claims().get(i);
                decisions.computeIfPresent(
                        before.asked().asks().get(i), (ask, permitted) -> claim.givenBack(permitted));
            }
        }
    }

    private Decisions told(List<PolicyCost> costs, List<BucketCost> buckets) {
        List<Decision> told = new ArrayList<>();
        Stream.concat(costs.stream(), buckets.stream()).forEach(ask -> {
            Decision decision = decisions.get(ask);
            if (decision != null) {
                ear.onDecision(decision, ask instanceof PolicyCost cost ? cost.cost() : ((BucketCost) ask).cost());
                told.add(decision);
            }
        });
        return new Decisions(told);
    }
}
