package dev.weir;

import dev.weir.lease.Leases;
import dev.weir.lease.LeasingStore;
import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Names;
import dev.weir.store.Answer;
import dev.weir.store.Call;
import dev.weir.store.Charge;
import dev.weir.store.LimiterListener;
import dev.weir.store.NearStore;
import dev.weir.store.Overrides;
import dev.weir.store.Subject;
import dev.weir.store.Timestamp;
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
 * How a request becomes decisions: what it wants is resolved from policies and overrides, then the store is asked, and asked
 * again if it has other overrides than are known here. Thread-safe.
 *
 * <p>The caller names the listener of the decisions: a request that is asked for again until it passes is reported once.
 */
final class Decider {

    /** A request that is overtaken by a change so often meets somebody who does nothing but change its client. */
    private static final int MOST_TRIES = 1_000;

    private final Function<String, Policy> policies;
    private final StoreLadder ladder;
    private final @Nullable LeasingStore leasing;
    private final @Nullable NearStore near;
    private final ResolvedLimits limits;
    private final KnownOverrides overrides = new KnownOverrides();

    /**
     * @param policies by name; throws if there is none
     * @param leasing what of the store is leased; null if nothing is
     * @param near the store, if it is this process's own memory
     * @param draws where the sub-bucket of a request is drawn from
     */
    Decider(
            Function<String, Policy> policies,
            StoreLadder ladder,
            @Nullable LeasingStore leasing,
            @Nullable NearStore near,
            IntSupplier draws) {
        this.policies = policies;
        this.ladder = ladder;
        this.leasing = leasing;
        this.near = near;
        this.limits = new ResolvedLimits(draws);
    }

    /** What has been leased under a policy's name; the policy may not exist. */
    private Leases leases(String policy) {
        return leasing == null ? Leases.NONE : leasing.find(policy);
    }

    /** Policies are others: what did not fit may fit now, or not any more. */
    void forgetPolicies() {
        limits.forget();
    }

    /** Decides one request under several policies together. */
    Decisions decide(String client, List<PolicyCost> costs, LimiterListener ear) {
        if (costs.size() == 1) {
            PolicyCost cost = costs.get(0);
            Decision leased = cost.isPlain() ? leases(cost.policy()).trySpend(client, cost.cost()) : null;
            return new Decisions(List.of(leased == null ? decide(client, cost, ear) : leased));
        }
        Names.requireId("a client id", client);
        if (costs.isEmpty()) {
            throw new IllegalArgumentException("at least one policy is needed");
        }
        requireDistinct("policy", costs.stream().map(PolicyCost::policy).toList());
        Patience patience = ladder.patience();
        if (costs.stream().anyMatch(this::isShared)) {
            return new AllOrNone(this, patience, ear).decide(client, costs, List.of());
        }
        List<PolicyCost> enforced =
                costs.stream().filter(cost -> !isShadow(cost)).toList();
        List<Decision> decisions = new ArrayList<>(taken(client, enforced, patience, ear));
        if (decisions.stream().allMatch(Decision::permitted)) {
            for (int i = 0; i < costs.size(); i++) {
                if (isShadow(costs.get(i))) {
                    decisions.add(
                            i,
                            taken(client, costs.subList(i, i + 1), patience, ear)
                                    .get(0));
                }
            }
        }
        return new Decisions(decisions);
    }

    /** Decides one request under one policy; never from a lease. */
    Decision decide(String client, PolicyCost cost, LimiterListener ear) {
        Names.requireId("a client id", client);
        Decision nearby = decideNearby(client, cost, ear);
        return nearby == null
                ? taken(client, List.of(cost), ladder.patience(), ear).get(0)
                : nearby;
    }

    /**
     * As the general way decides it, without asking all that only other stores, several limits and overrides need; null if it
     * takes that. Nothing is charged then.
     */
    private @Nullable Decision decideNearby(String client, PolicyCost cost, LimiterListener ear) {
        Policy policy = policy(cost);
        if (near == null || policy.pool() != null) {
            return null;
        }
        Overrides known = overrides.ofClient(client);
        Claim claim = limits.claim(policy, client, known, cost);
        return report(
                claim, near.decide(Subject.Kind.CLIENT, client, claim.charge(), claim.whole(), known.version()), ear);
    }

    /** As {@link #decideNearby(String, PolicyCost, LimiterListener)}, on a bucket. */
    private @Nullable Decision decideNearby(BucketCost ask, LimiterListener ear) {
        Overrides known = near == null ? Overrides.NONE : overrides.of(Subject.bucket(ask.id()));
        if (near == null || limits.ofBucket(known) == null) {
            return null;
        }
        Claim claim = limits.claim(ask, known);
        return report(
                claim, near.decide(Subject.Kind.BUCKET, ask.id(), claim.charge(), claim.whole(), known.version()), ear);
    }

    private static @Nullable Decision report(Claim claim, @Nullable List<Decision> answers, LimiterListener ear) {
        if (answers == null) {
            return null;
        }
        Decision decision = claim.decision(answers);
        ear.onDecision(decision, claim.cost());
        return decision;
    }

    /** Decides one request under one policy, at the time that its caller gives. */
    Decision decide(String client, PolicyCost cost, @Nullable Instant at, LimiterListener ear) {
        if (at == null && cost.subBucket() == null) {
            return decide(client, cost, ear);
        }
        Names.requireId("a client id", client);
        Patience patience = ladder.patience();
        Part part = known(client, List.of(cost), patience)
                .at(at == null ? null : policy(cost).timestamp(at));
        Taken taken = take(part, patience);
        if (taken.outcome().byStore()) { // Only the store knows every split; and then nothing was charged.
            taken.claims().forEach(Claim::requireSubBucket);
        }
        return heard(taken, ear).get(0);
    }

    /** Whether it is decided where a pool is kept, and not with the client. */
    boolean isShared(PolicyCost cost) {
        return policy(cost).pool() != null;
    }

    boolean isShadow(PolicyCost cost) {
        return cost.shadow() || policy(cost).shadow();
    }

    /** The policy that a cost is of. */
    Policy policy(PolicyCost cost) {
        return policies.apply(cost.policy());
    }

    private List<Decision> taken(String client, List<PolicyCost> costs, Patience patience, LimiterListener ear) {
        return costs.isEmpty() ? List.of() : heard(take(known(client, costs, patience), patience), ear);
    }

    /** Decides one request under policies of its client and on buckets together. */
    Decisions decide(String client, List<PolicyCost> costs, List<BucketCost> buckets, LimiterListener ear) {
        if (buckets.isEmpty()) {
            return decide(client, costs, ear);
        }
        Names.requireId("a client id", client);
        requireDistinct("policy", costs.stream().map(PolicyCost::policy).toList());
        requireDistinct("bucket", buckets.stream().map(BucketCost::id).toList());
        return new AllOrNone(this, ladder.patience(), ear).decide(client, costs, buckets);
    }

    /** Decides one request on a bucket. */
    Decision decide(BucketCost ask, LimiterListener ear) {
        Decision nearby = decideNearby(ask, ear);
        return nearby == null ? decideAtStore(ask, ear) : nearby;
    }

    private Decision decideAtStore(BucketCost ask, LimiterListener ear) {
        Patience patience = ladder.patience();
        Optional<Part> part = known(ask, patience);
        if (part.isPresent()) {
            return heard(take(part.get(), patience), ear).get(0);
        }
        Decision unreachable = Claim.ofUnreachableBucket(ask);
        ear.onDecision(unreachable, ask.cost());
        return unreachable;
    }

    /**
     * A request's part on a bucket; empty if nothing is known of it here, and the store does not answer.
     *
     * @throws UnknownBucketException if there is none, as the store has just said or said a moment ago
     */
    Optional<Part> known(BucketCost ask, Patience patience) {
        Subject bucket = Subject.bucket(ask.id());
        Overrides remembered = overrides.of(bucket);
        boolean isKnown = limits.ofBucket(remembered) != null || overrides.isAbsent(bucket);
        Optional<Overrides> known = isKnown ? Optional.of(remembered) : look(bucket, patience);
        return known.map(of -> Part.of(bucket, of, latest -> List.of(limits.claim(ask, latest))));
    }

    /** Whether a bucket's numbers are known here, so that the store need not be asked for them. */
    boolean isKnown(BucketCost ask) {
        return limits.ofBucket(overrides.of(Subject.bucket(ask.id()))) != null;
    }

    /** Asks the store what is set for a subject; empty if it does not answer. */
    private Optional<Overrides> look(Subject subject, Patience patience) {
        KnownOverrides.Question question = overrides.question();
        Optional<Overrides> answer = ladder.ask(store -> store.overrides(subject), patience);
        return answer.map(latest -> overrides.remember(subject, latest, question));
    }

    /** A request's part on its client. */
    Part known(String client, List<PolicyCost> costs, Patience patience) {
        Subject subject = Subject.client(client);
        boolean isShared = costs.stream().anyMatch(this::isShared);
        Overrides latest = isShared ? ofPoolClient(subject, patience) : overrides.of(subject);
        return Part.of(subject, latest, overrides -> claims(client, costs, overrides));
    }

    /** What a request wants of its client, as far as is known here. */
    List<Claim> claims(String client, List<PolicyCost> costs) {
        return claims(client, costs, overrides.of(Subject.client(client)));
    }

    private List<Claim> claims(String client, List<PolicyCost> costs, Overrides overrides) {
        List<Claim> claims = new ArrayList<>(costs.size());
        for (PolicyCost cost : costs) {
            claims.add(limits.claim(policy(cost), client, overrides, cost));
        }
        return claims;
    }

    /**
     * What a request wants of one subject.
     *
     * @param known the subject's overrides, as this instance knows them
     * @param claims what is wanted if these are in force
     * @param claimsUnder what is wanted if others are
     * @param timestamp when the caller says that the request is made; null for the store's clock
     * @param strict whether only the store itself may decide, because it may have to be given back
     */
    record Part(
            Subject subject,
            Overrides known,
            List<Claim> claims,
            Function<Overrides, List<Claim>> claimsUnder,
            @Nullable Timestamp timestamp,
            boolean strict) {

        static Part of(Subject subject, Overrides known, Function<Overrides, List<Claim>> claimsUnder) {
            return new Part(subject, known, claimsUnder.apply(known), claimsUnder, null, false);
        }

        Part at(@Nullable Timestamp timestamp) {
            return new Part(subject, known, claims, claimsUnder, timestamp, strict);
        }

        Part strictly() {
            return new Part(subject, known, claims, claimsUnder, timestamp, true);
        }

        private Call call(Overrides inForce, List<Claim> claims) {
            boolean isStrict = strict || timestamp != null;
            List<Charge> charges = new ArrayList<>(claims.size());
            for (Claim claim : claims) {
                isStrict |= claim.strict();
                charges.addAll(claim.charges());
            }
            return new Call(subject, inForce.version(), charges, timestamp, isStrict);
        }
    }

    /** What became of a part: its claims as they were decided, and a decision for each. */
    record Taken(StoreLadder.Outcome outcome, List<Claim> claims, List<Decision> decisions) {}

    /**
     * Decides claims that depend on the subject's overrides: made from what this instance knows of them, and again from what
     * the store says if that is something else.
     */
    Taken take(Part part, Patience patience) {
        Overrides latest = part.known();
        List<Claim> claims = part.claims();
        for (int i = 0; i < MOST_TRIES; i++) {
            StoreLadder.Outcome outcome = ladder.decide(part.call(latest, claims), claims, patience);
            if (outcome.answer() instanceof Answer.Decided decided) {
                return new Taken(outcome, claims, decisions(claims, decided.decisions()));
            }
            latest = overrides.remember(part.subject(), ((Answer.Outdated) outcome.answer()).overrides());
            claims = part.claimsUnder().apply(latest);
        }
        throw new IllegalStateException("%s was changed %d times while one request was decided"
                .formatted(part.subject().kind(), MOST_TRIES));
    }

    private static List<Decision> decisions(List<Claim> claims, List<Decision> answers) {
        List<Decision> decisions = new ArrayList<>(claims.size());
        int next = 0;
        for (Claim claim : claims) {
            int end = next + claim.charges().size();
            decisions.add(claim.decision(answers.subList(next, end)));
            next = end;
        }
        return decisions;
    }

    void giveBack(Taken taken) {
        ladder.giveBack(taken.outcome());
    }

    private static List<Decision> heard(Taken taken, LimiterListener ear) {
        for (int i = 0; i < taken.claims().size(); i++) {
            ear.onDecision(taken.decisions().get(i), taken.claims().get(i).cost());
        }
        return taken.decisions();
    }

    /** What is set for a client who shares a pool. A shared store cannot tell it beside its decision, and is asked now and then. */
    private Overrides ofPoolClient(Subject client, Patience patience) {
        if (near != null) {
            return overrides.of(client);
        }
        return overrides.recent(client).or(() -> look(client, patience)).orElseGet(() -> overrides.of(client));
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
