package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.Charge;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.UsageKey;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a request wants of one policy, with everything resolved that this instance knows: which limit, and where use
 * counts.
 *
 * @param policy the policy as it was when the request came
 * @param usage under which name use is counted ({@link #usage(Policy, String, Terms)}), and that of a sub-bucket
 * @param limit the limit in force, or null if it permits nothing at all. Of a sub-bucket that is not there, the
 *     client's whole limit: a split that only the store knows of may give the sub-bucket a part of it
 * @param subBucket the index of the sub-bucket; empty if the request is about the whole limit
 * @param split what the client's limit is divided into; null if it is not. A sub-bucket may be named that is not there:
 *     it permits nothing
 * @param whole what is charged on the client's whole limit beside a sub-bucket; null if nothing is split, or the
 *     sub-bucket permits nothing. The parts of a split add up to the whole, so the whole refuses nothing that its parts
 *     permit: unless what was used before the split, or under another one, is still in use
 * @param cost the permits to take
 * @param shadow whether to decide without enforcing
 * @param strict whether the limit is this request's own
 * @param weight the client's in the policy's pool; 1 where there is none
 */
record ResolvedCost(
        Policy policy,
        String usage,
        @Nullable Limit limit,
        OptionalInt subBucket,
        @Nullable Split split,
        @Nullable Charge whole,
        long cost,
        boolean shadow,
        boolean strict,
        long weight) {

    /** What a bucket's decisions call themselves, and the limit of a bucket of which nothing is known. */
    private static final Policy BUCKET = Policy.of(Names.BUCKET, Limit.tokenBucket(1, Duration.ofSeconds(1)));

    /**
     * Under which name a request's use is counted: the policy's; with the action, if that has numbers of its own; and
     * with the action and the period, if the request brings its own limit. So the limit of one request never rules over
     * the use that the policy's own limit counts, nor over that of another period.
     *
     * @throws IllegalArgumentException if the action of such a request is not named as actions are
     */
    static String usage(Policy policy, @Nullable String action, Terms ofRequest) {
        Rate rate = ofRequest.rate();
        if (rate == null) {
            return UsageKey.of(policy.name(), policy.terms().ofAction(action) == null ? null : action);
        }
        String counted = UsageKey.of(policy.name(), action == null ? null : Names.requirePartName(action));
        return UsageKey.ofPeriod(counted, Exact.micros(rate.period()));
    }

    static ResolvedCost undivided(
            Policy policy,
            String usage,
            @Nullable Limit limit,
            long cost,
            boolean shadow,
            boolean strict,
            long weight) {
        return new ResolvedCost(policy, usage, limit, OptionalInt.empty(), null, null, cost, shadow, strict, weight);
    }

    /** @throws UnknownSubBucketException if this is about a sub-bucket that the client's limit does not have */
    void requireSubBucket() {
        if (!hasSubBucket()) {
            throw new UnknownSubBucketException(policy.name(), subBucket.orElseThrow(), split);
        }
    }

    /** Whether the client's limit has the sub-bucket that this is about, if it is about one. */
    boolean hasSubBucket() {
        return subBucket.isEmpty() || split != null && subBucket.getAsInt() < split.parts();
    }

    static ResolvedCost ofBucket(BucketCost ask, Limit limit) {
        return undivided(BUCKET, Overrides.BUCKET, limit, ask.cost(), ask.shadow(), false, 1);
    }

    /** A decision on a bucket whose limit is not known here, while the store that knows it is away. */
    static Decision ofUnreachableBucket(BucketCost ask) {
        return undivided(BUCKET, Overrides.BUCKET, BUCKET.limit(), ask.cost(), ask.shadow(), false, 1)
                .decision(new Rejected(
                        new Decision.Rule(BUCKET.name(), BUCKET.limit(), Source.LOCAL),
                        0,
                        0,
                        Reason.STORE_UNAVAILABLE,
                        OnStoreFailure.RETRY_AFTER_MICROS,
                        OptionalInt.empty()));
    }

    /**
     * What to ask a store. A limit that permits nothing is asked for more than any limit has: refused, whatever is
     * used.
     */
    Charge charge() {
        Limit ofThis = ofThis();
        if (ofThis == null) {
            return new Charge(usage, policy.limit(), Long.MAX_VALUE);
        }
        return new Charge(usage, ofThis, cost, policy.pool() == null ? null : new Share(policy.pool(), weight));
    }

    /** The limit that decides; null if nothing is permitted. */
    private @Nullable Limit ofThis() {
        return hasSubBucket() ? limit : null;
    }

    /** All that is charged, or nothing of it: {@link #charge}, and the whole beside a part. */
    List<Charge> charges() {
        return whole == null ? List.of(charge()) : List.of(charge(), whole);
    }

    /** The most that this limit ever permits at once. */
    long capacity() {
        long ofPool = policy.pool() == null ? Long.MAX_VALUE : policy.pool().largestCost();
        return limit == null ? 0 : Math.min(limit.capacity(), ofPool);
    }

    /** A decision that permitted this, as it is once that has been given back. */
    Decision givenBack(Decision permitted) {
        return permitted.withRemaining(Math.min(permitted.limit().capacity(), permitted.remaining() + cost));
    }

    /** The store's decisions on all {@link #charges}, as one in terms of the policy. */
    Decision decision(List<Decision> answers) {
        return decision(answers.size() == 1 ? answers.get(0) : new Decisions(answers).binding());
    }

    /** The store's decision in terms of the policy. */
    Decision decision(Decision decision) {
        Limit ofThis = ofThis();
        if (ofThis != null && isOfPolicy(decision)) {
            return decision;
        }
        Limit shown = policy.pool() != null ? decision.limit() : ofThis == null ? policy.limit() : ofThis;
        Decision own = decision.withRule(new Decision.Rule(policy.name(), shown, decision.source()))
                .withSubBucket(subBucket);
        if (!(own instanceof Rejected rejected)) {
            return own;
        }
        // Where nothing is permitted, no limit becomes whole again, whatever of an earlier one is still in use.
        Rejected shownSo = ofThis == null ? rejected.withRemaining(0).withResetAfterMicros(0) : rejected;
        return shadow ? shownSo.notEnforced() : shownSo;
    }

    /** Whether a decision is in terms of the policy already, as it mostly is. */
    private boolean isOfPolicy(Decision decision) {
        return decision.limit() == limit
                && decision.subBucket().equals(subBucket)
                && decision.policy().equals(policy.name())
                && (!shadow || decision.permitted());
    }
}
