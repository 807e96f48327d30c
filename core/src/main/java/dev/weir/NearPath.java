package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.store.LimiterListener;
import dev.weir.store.NearStore;
import dev.weir.store.Overrides;
import dev.weir.store.Subject;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The short way to a decision, where the store is this process's own memory: as {@link Decider} decides, without asking
 * all that only other stores, several limits and overrides need. {@code ShortWayTest} holds the two ways together.
 */
final class NearPath {

    private final NearStore store;
    private final Function<String, Policy> policies;
    private final ResolvedLimits limits;
    private final KnownOverrides overrides;

    NearPath(NearStore store, Function<String, Policy> policies, ResolvedLimits limits, KnownOverrides overrides) {
        this.store = store;
        this.policies = policies;
        this.limits = limits;
        this.overrides = overrides;
    }

    /** As {@link #decide(String, PolicyCost, LimiterListener)}, without a decision. */
    NearStore.Answer allow(String client, PolicyCost cost) {
        Policy policy = policies.apply(cost.policy());
        return policy.pool() == null
                        && !policy.behaviour().shadow()
                        && !cost.shadow()
                        && limits.isPlain(policy, cost)
                        && overrides.isEmpty()
                ? store.allow(client, policy.name(), policy.limit(), cost.cost())
                : NearStore.Answer.UNDECIDED;
    }

    /** Decides one request under one policy; null if it takes the long way. Nothing is charged then. */
    @Nullable Decision decide(String client, PolicyCost cost, LimiterListener listener) {
        Policy policy = policies.apply(cost.policy());
        if (policy.pool() != null) {
            return null;
        }
        Overrides known = overrides.ofClient(client);
        ResolvedCost claim = claim(policy, client, known, cost);
        return claim == null ? null : decide(Subject.Kind.CLIENT, client, claim, known, listener);
    }

    /** Null if the request's own numbers do not go with what is known to be set: the long way looks whether it is. */
    private @Nullable ResolvedCost claim(Policy policy, String client, Overrides known, PolicyCost cost) {
        try {
            return limits.claim(policy, client, known, cost);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** As {@link #decide(String, PolicyCost, LimiterListener)}, on a bucket. */
    @Nullable Decision decide(BucketCost ask, LimiterListener listener) {
        Overrides known = overrides.of(Subject.bucket(ask.id()));
        if (limits.ofBucket(known) == null) {
            return null;
        }
        return decide(Subject.Kind.BUCKET, ask.id(), limits.claim(ask, known), known, listener);
    }

    private @Nullable Decision decide(
            Subject.Kind kind, String id, ResolvedCost claim, Overrides known, LimiterListener listener) {
        List<Decision> answers = store.decide(kind, id, claim.charge(), claim.whole(), known.version());
        if (answers == null) {
            return null;
        }
        Decision decision = claim.decision(answers);
        listener.onDecision(decision, claim.cost());
        return decision;
    }
}
