package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.store.LimiterListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One request that may wait: what it asks, and for which of its policies it waits. A policy or a bucket for which it
 * does not wait rejects it at once. Of one thread at a time.
 */
final class QueuedRequest {

    /** What a client waits for: requests of one place stand in one line. */
    record Place(String client, List<Count> counts) {}

    /** What of a policy counts by itself. */
    private record Count(String usage, @Nullable Integer subBucket) {}

    private record Reported(Decision decision, long cost) {}

    private final Decider decider;
    private final LimiterListener listener;
    private final String client;
    private final List<PolicyCost> costs;
    private final List<BucketCost> buckets;
    private final Map<String, Long> waitedFor;
    private final Place place;
    private final Duration most;
    private List<Reported> latest = List.of();

    /**
     * @param listener is notified of the outcome
     * @param waitedFor those of the costs whose policies let it wait; at least one
     * @param most how long it may wait
     */
    QueuedRequest(
            Decider decider,
            LimiterListener listener,
            String client,
            List<PolicyCost> costs,
            List<BucketCost> buckets,
            List<PolicyCost> waitedFor,
            Duration most) {
        this.decider = decider;
        this.listener = listener;
        this.client = client;
        this.costs = List.copyOf(costs);
        this.buckets = List.copyOf(buckets);
        this.waitedFor = waitedFor.stream().collect(Collectors.toMap(PolicyCost::policy, PolicyCost::cost, Long::sum));
        this.most = most;
        Map<String, Count> counts = new TreeMap<>(); // In whatever order they are asked.
        waitedFor.forEach(cost -> counts.put(cost.policy(), count(cost)));
        this.place = new Place(client, List.copyOf(counts.values()));
    }

    private Count count(PolicyCost cost) {
        return new Count(ResolvedCost.usage(decider.policy(cost), cost.action(), cost.terms()), cost.subBucket());
    }

    Place place() {
        return place;
    }

    long mostNanos() {
        return most.toNanos();
    }

    /** What the request costs under the policy that holds it up. */
    long cost(Rejected binding) {
        return waitedFor.getOrDefault(binding.policy(), 0L);
    }

    /** Whether it is larger than a limit, as far as is known here: then there is nothing to wait for. */
    boolean canNeverPass() {
        try {
            return decider.claims(client, costs).stream()
                    .anyMatch(claim -> claim.subBucket().isEmpty() && claim.cost() > claim.capacity());
        } catch (IllegalArgumentException e) {
            return false; // What is set may have been removed: whether the numbers fit is found out in its turn.
        }
    }

    /** Asks like a request that does not wait, but does not notify the listener yet. */
    Decisions ask() {
        List<Reported> decided = new ArrayList<>();
        latest = decided;
        try {
            return decider.decide(client, costs, buckets, new LimiterListener() {
                @Override
                public void onDecision(Decision decision, long cost) {
                    decided.add(new Reported(decision, cost));
                }
            });
        } catch (UnknownBucketException e) {
            report(); // It ends here, and its policies have charged it.
            throw e;
        }
    }

    /**
     * The rejection that takes longest to change, if waiting can change them all; null if the request need not or
     * cannot wait.
     */
    @Nullable Rejected hindrance(Decisions decisions) {
        Rejected binding = null;
        for (Decision decision : decisions.each()) {
            if (decision instanceof Rejected rejected) {
                if (!passes(rejected)) {
                    return null;
                }
                boolean isLonger = binding == null || rejected.retryAfterMicros() > binding.retryAfterMicros();
                binding = isLonger ? rejected : binding;
            }
        }
        return binding;
    }

    private boolean passes(Rejected rejected) {
        return waitedFor.containsKey(rejected.policy())
                && rejected.retryAfterMicros() != Rejected.NEVER
                && rejected.reason() != Reason.STORE_UNAVAILABLE;
    }

    /**
     * A rejection of this request, derived from the decisions on another one that waits for the same.
     *
     * @param reason why; null for the same reason
     */
    Decisions rejected(Decisions others, @Nullable Reason reason, long retryAfterMicros) {
        List<Decision> rejected = new ArrayList<>();
        latest = new ArrayList<>();
        // No call was made for it: either the rejection of another one holds, or it is this instance's own reason.
        Source source = reason == null ? Source.LEASE : Source.LOCAL;
        for (Decision decision : others.each()) {
            if (decision instanceof Rejected other) {
                Rejected own = other.withReason(reason == null ? other.reason() : reason)
                        .withRetryAfterMicros(retryAfterMicros)
                        .withRule(other.rule().by(source));
                rejected.add(own);
                latest.add(new Reported(own, cost(own)));
            }
        }
        return new Decisions(rejected);
    }

    /** Notifies the listener of the outcome, once. */
    void report() {
        latest.forEach(each -> listener.onDecision(each.decision(), each.cost()));
        latest = List.of();
    }
}
