package dev.weir;

import dev.weir.lease.LeaseTable;
import dev.weir.lease.LeasingStore;
import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Names;
import dev.weir.store.LimiterListener;
import dev.weir.store.NearStore;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreReply;
import dev.weir.store.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a request becomes decisions: what it wants is resolved from policies and overrides, then the store is asked, and
 * asked again if it has other overrides than are known here. Thread-safe.
 *
 * <p>The caller names the listener of the decisions: a request that is asked for again until it passes is reported
 * once.
 */
final class Decider {

    /** A request is overtaken by changes so often only if another caller does nothing but change its client. */
    private static final int MOST_TRIES = 1_000;

    private final Function<String, Policy> policies;
    private final StoreGuard guard;
    private final @Nullable LeasingStore leasing;
    private final @Nullable NearPath near;
    private final ResolvedLimits limits;
    private final KnownOverrides overrides;

    /**
     * @param policies by name; throws if there is none
     * @param leasing what of the store is leased; null if nothing is
     * @param near the store, if it is this process's own memory
     * @param draws where the sub-bucket of a request is drawn from
     */
    Decider(
            Function<String, Policy> policies,
            StoreGuard guard,
            @Nullable LeasingStore leasing,
            @Nullable NearStore near,
            IntSupplier draws,
            Scheduler scheduler) {
        this.policies = policies;
        this.guard = guard;
        this.leasing = leasing;
        this.limits = new ResolvedLimits(draws);
        this.overrides = new KnownOverrides(scheduler);
        this.near = near == null ? null : new NearPath(near, policies, limits, overrides);
    }

    /** What has been leased under a policy's name; the policy may not exist. */
    LeaseTable leases(String policy) {
        return leasing == null ? LeaseTable.NONE : leasing.find(policy);
    }

    /** Policies are others: what did not fit may fit now, or not any more. */
    void forgetPolicies() {
        limits.forget();
    }

    /** Decides one request under several policies together. */
    Decisions decide(String client, List<PolicyCost> costs, LimiterListener listener) {
        if (costs.size() == 1) {
            PolicyCost cost = costs.get(0);
            Decision leased = cost.isPlain() ? leases(cost.policy()).trySpend(client, cost.cost()) : null;
            return new Decisions(List.of(leased == null ? decide(client, cost, listener) : leased));
        }
        Names.requireId("a client id", client);
        if (costs.isEmpty()) {
            throw new IllegalArgumentException("at least one policy is needed");
        }
        requireDistinct("policy", costs.stream().map(PolicyCost::policy).toList());
        Deadline deadline = guard.deadline();
        if (costs.stream().anyMatch(this::isShared)) {
            return new MultiSubjectAcquire(this, deadline, listener).decide(client, costs, List.of());
        }
        List<PolicyCost> enforced =
                costs.stream().filter(cost -> !isShadow(cost)).toList();
        List<PolicyCost> shadowed = costs.stream().filter(this::isShadow).toList();
        // Their numbers may be wrong, which must be known before anything is charged.
        shadowed.forEach(cost -> known(client, List.of(cost), deadline));
        List<Decision> decisions = new ArrayList<>(taken(client, enforced, deadline, listener));
        if (decisions.stream().allMatch(Decision::permitted)) {
            for (PolicyCost cost : shadowed) {
                Decision decision = triedOut(client, cost, deadline, listener);
                if (decision != null) {
                    decisions.add(Math.min(costs.indexOf(cost), decisions.size()), decision);
                }
            }
        }
        return new Decisions(decisions);
    }

    /** Null if its numbers do not go with what was set since they were looked at: the others have been charged. */
    private @Nullable Decision triedOut(String client, PolicyCost cost, Deadline deadline, LimiterListener listener) {
        try {
            return taken(client, List.of(cost), deadline, listener).get(0);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Whether one request under one policy is permitted; never from a lease. */
    boolean allow(String client, PolicyCost cost, LimiterListener listener) {
        if (near != null && listener == LimiterListener.NONE) {
            Names.requireId("a client id", client);
            NearStore.Answer answer = near.allow(client, cost);
            if (answer != NearStore.Answer.UNDECIDED) {
                return answer == NearStore.Answer.PERMITTED;
            }
        }
        return decide(client, cost, listener).permitted();
    }

    /** Decides one request under one policy; never from a lease. */
    Decision decide(String client, PolicyCost cost, LimiterListener listener) {
        Names.requireId("a client id", client);
        Decision nearby = near == null ? null : near.decide(client, cost, listener);
        return nearby == null
                ? taken(client, List.of(cost), guard.deadline(), listener).get(0)
                : nearby;
    }

    /** Decides one request under one policy, at the time that its caller gives. */
    Decision decide(String client, PolicyCost cost, @Nullable Instant at, LimiterListener listener) {
        if (at == null && cost.subBucket() == null) {
            return decide(client, cost, listener);
        }
        Names.requireId("a client id", client);
        Deadline deadline = guard.deadline();
        RequestPart part = known(client, List.of(cost), deadline)
                .at(at == null ? null : policy(cost).timestamp(at));
        Taken taken = take(part, deadline);
        if (taken.outcome().byStore()) { // Only the store knows every split; and then nothing was charged.
            taken.claims().forEach(ResolvedCost::requireSubBucket);
        }
        return notified(taken, listener).get(0);
    }

    /** Whether it is decided where a pool is kept, and not with the client. */
    boolean isShared(PolicyCost cost) {
        return policy(cost).pool() != null;
    }

    boolean isShadow(PolicyCost cost) {
        return cost.shadow() || policy(cost).behaviour().shadow();
    }

    /** The policy that a cost is of. */
    Policy policy(PolicyCost cost) {
        return policies.apply(cost.policy());
    }

    private List<Decision> taken(String client, List<PolicyCost> costs, Deadline deadline, LimiterListener listener) {
        return costs.isEmpty() ? List.of() : notified(take(known(client, costs, deadline), deadline), listener);
    }

    /** Decides one request under policies of its client and on buckets together. */
    Decisions decide(String client, List<PolicyCost> costs, List<BucketCost> buckets, LimiterListener listener) {
        if (buckets.isEmpty()) {
            return decide(client, costs, listener);
        }
        Names.requireId("a client id", client);
        requireDistinct("policy", costs.stream().map(PolicyCost::policy).toList());
        requireDistinct("bucket", buckets.stream().map(BucketCost::id).toList());
        return new MultiSubjectAcquire(this, guard.deadline(), listener).decide(client, costs, buckets);
    }

    /** Decides one request on a bucket. */
    Decision decide(BucketCost ask, LimiterListener listener) {
        Decision nearby = near == null ? null : near.decide(ask, listener);
        return nearby == null ? decideAtStore(ask, listener) : nearby;
    }

    private Decision decideAtStore(BucketCost ask, LimiterListener listener) {
        Deadline deadline = guard.deadline();
        Optional<RequestPart> part = known(ask, deadline);
        if (part.isPresent()) {
            return notified(take(part.get(), deadline), listener).get(0);
        }
        Decision unreachable = ResolvedCost.ofUnreachableBucket(ask);
        listener.onDecision(unreachable, ask.cost());
        return unreachable;
    }

    /**
     * A request's part on a bucket; empty if nothing is known of it here, and the store does not answer.
     *
     * @throws UnknownBucketException if there is none, as the store has just said or said a moment ago
     */
    Optional<RequestPart> known(BucketCost ask, Deadline deadline) {
        Subject bucket = Subject.bucket(ask.id());
        Overrides remembered = overrides.of(bucket);
        boolean isKnown = limits.ofBucket(remembered) != null || overrides.isAbsent(bucket);
        Optional<Overrides> known = isKnown ? Optional.of(remembered) : look(bucket, deadline);
        return known.map(of -> RequestPart.of(bucket, of, latest -> List.of(limits.claim(ask, latest))));
    }

    /** Whether a bucket's numbers are known here, so that the store need not be asked for them. */
    boolean isKnown(BucketCost ask) {
        return limits.ofBucket(overrides.of(Subject.bucket(ask.id()))) != null;
    }

    /** Asks the store what is set for a subject; empty if it does not answer. */
    private Optional<Overrides> look(Subject subject, Deadline deadline) {
        KnownOverrides.Question question = overrides.question();
        Optional<Overrides> answer = guard.ask(store -> store.overrides(subject), deadline);
        return answer.map(latest -> overrides.remember(subject, latest, question));
    }

    /**
     * A request's part on its client.
     *
     * @throws IllegalArgumentException if its own numbers do not go with what is set for the client, as the store has
     *     just said, or, if the store does not answer, with what is known here
     */
    RequestPart known(String client, List<PolicyCost> costs, Deadline deadline) {
        Subject subject = Subject.client(client);
        boolean isShared = costs.stream().anyMatch(this::isShared);
        Overrides latest = isShared ? ofPoolClient(subject, deadline) : overrides.of(subject);
        Function<Overrides, List<ResolvedCost>> claims = inForce -> claims(client, costs, inForce);
        try {
            return RequestPart.of(subject, latest, claims);
        } catch (IllegalArgumentException wrong) {
            Optional<Overrides> other = look(subject, deadline).filter(inForce -> !inForce.equals(latest));
            return RequestPart.of(subject, other.orElseThrow(() -> wrong), claims);
        }
    }

    /**
     * What a request wants of its client, as far as is known here.
     *
     * @throws IllegalArgumentException as {@link #known}, by what is known here alone
     */
    List<ResolvedCost> claims(String client, List<PolicyCost> costs) {
        return claims(client, costs, overrides.of(Subject.client(client)));
    }

    private List<ResolvedCost> claims(String client, List<PolicyCost> costs, Overrides overrides) {
        List<ResolvedCost> claims = new ArrayList<>(costs.size());
        for (PolicyCost cost : costs) {
            claims.add(limits.claim(policy(cost), client, overrides, cost));
        }
        return claims;
    }

    /**
     * Decides claims that depend on the subject's overrides: made from what this instance knows of them, and again from
     * what the store says if that is something else.
     */
    Taken take(RequestPart part, Deadline deadline) {
        Overrides latest = part.known();
        List<ResolvedCost> claims = part.claims();
        for (int i = 0; i < MOST_TRIES; i++) {
            Outcome outcome = guard.decide(part.call(latest, claims), claims, deadline);
            if (outcome.answer() instanceof StoreReply.Decided decided) {
                return new Taken(outcome, claims, decisions(claims, decided.decisions()));
            }
            latest = overrides.remember(part.subject(), ((StoreReply.Outdated) outcome.answer()).overrides());
            claims = part.claimsUnder().apply(latest);
        }
        throw new IllegalStateException("%s was changed %d times while one request was decided"
                .formatted(part.subject().kind(), MOST_TRIES));
    }

    private static List<Decision> decisions(List<ResolvedCost> claims, List<Decision> answers) {
        List<Decision> decisions = new ArrayList<>(claims.size());
        int next = 0;
        for (ResolvedCost claim : claims) {
            int end = next + claim.charges().size();
            decisions.add(claim.decision(answers.subList(next, end)));
            next = end;
        }
        return decisions;
    }

    void giveBack(Taken taken) {
        guard.giveBack(taken.outcome());
    }

    private static List<Decision> notified(Taken taken, LimiterListener listener) {
        for (int i = 0; i < taken.claims().size(); i++) {
            listener.onDecision(taken.decisions().get(i), taken.claims().get(i).cost());
        }
        return taken.decisions();
    }

    /**
     * What is set for a client that shares a pool. A shared store cannot return it with its decision, so it is asked
     * now and then.
     */
    private Overrides ofPoolClient(Subject client, Deadline deadline) {
        if (near != null) {
            return overrides.of(client);
        }
        return overrides.recent(client).or(() -> look(client, deadline)).orElseGet(() -> overrides.of(client));
    }

    /**
     * Asks the store what is set for a subject, so that it is known here even if the store is away when it is next
     * needed.
     *
     * @throws dev.weir.store.StoreException if it does not answer
     */
    void learn(Subject subject) {
        KnownOverrides.Question question = overrides.question();
        overrides.remember(subject, guard.administer(store -> store.overrides(subject)), question);
    }

    /** As {@link #learn}, where no administrator waits. */
    void refresh(Subject subject) {
        KnownOverrides.Question question = overrides.question();
        overrides.remember(subject, guard.inBackground(store -> store.overrides(subject)), question);
    }

    /** Something was set for a subject: it is asked for again. */
    void forget(Subject subject) {
        overrides.forget(subject);
    }

    /** Something may have been set for any subject. */
    void forgetAll() {
        overrides.forgetAll();
    }

    private static void requireDistinct(String what, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException("%s '%s' is named twice".formatted(what, name));
            }
        }
    }
}
