package dev.weir;

import dev.weir.lease.ClockCache;
import dev.weir.limit.Algorithm;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes claims of requests, and resolves limits only once for each version of a policy and of what differs for some
 * clients. Thread-safe.
 *
 * <p>What differs is found by identity: policies and terms are immutable, and new ones take their place when something
 * is set.
 */
final class ResolvedLimits {

    /**
     * The most resolutions that are remembered, at about 250 bytes each: 4 MB. Clients with the same terms share one.
     */
    private static final int MOST = 1 << 14;

    private final IntSupplier draws;
    private final OverrideWarnings misfits = new OverrideWarnings();
    private final ClockCache<Rate, Limit> ofBuckets = new ClockCache<>(MOST);
    private volatile ClockCache<Key, Resolution> resolutions = new ClockCache<>(MOST);

    /** @param draws random whole numbers of {@link Split#DRAW_BITS} bits */
    ResolvedLimits(IntSupplier draws) {
        this.draws = draws;
    }

    /**
     * Where the terms of a client's requests come from; policies and terms are compared by identity.
     *
     * @param action null unless it has numbers of its own. By its name: two actions may have the same numbers, and are
     *     counted apart
     */
    private record Key(
            Policy policy,
            Terms ofOverrides,
            Terms ofClient,
            Terms ofPlan,
            @Nullable String action) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that
                    && policy == that.policy
                    && ofOverrides == that.ofOverrides
                    && ofClient == that.ofClient
                    && ofPlan == that.ofPlan
                    && Objects.equals(action, that.action);
        }

        @Override
        public int hashCode() {
            int hash = System.identityHashCode(policy);
            hash = 31 * hash + System.identityHashCode(ofOverrides);
            hash = 31 * hash + System.identityHashCode(ofClient);
            hash = 31 * hash + System.identityHashCode(ofPlan);
            return 31 * hash + Objects.hashCode(action);
        }
    }

    /**
     * What a request wants of a policy.
     *
     * @param overrides what was set for the client at run time
     * @throws IllegalArgumentException if numbers of the request's own cannot be counted exactly
     */
    ResolvedCost claim(Policy policy, String client, Overrides overrides, PolicyCost ask) {
        if (isPlain(policy, ask) && overrides == Overrides.NONE) {
            boolean shadow = policy.behaviour().shadow() || ask.shadow();
            return ResolvedCost.undivided(policy, policy.name(), policy.limit(), ask.cost(), shadow, false, 1);
        }
        return resolution(policy, client, overrides, ask).claim(ask, draws);
    }

    /** Whether the policy's limit is that of each client for which nothing is set at run time, and the request's. */
    boolean isPlain(Policy policy, PolicyCost ask) {
        return policy.terms().isPlain() && ask.terms() == Terms.NONE && ask.subBucket() == null;
    }

    private Resolution resolution(Policy policy, String client, Overrides overrides, PolicyCost ask) {
        if (!ask.terms().equals(Terms.NONE)) {
            return unremembered(policy, client, overrides, ask);
        }
        ClockCache<Key, Resolution> cache = resolutions;
        Key key = new Key(
                policy,
                overrides.of(policy.name()),
                policy.terms().ofClient(client),
                policy.terms().ofPlan(client, overrides),
                policy.terms().ofAction(ask.action()) == null ? null : ask.action());
        Resolution known = cache.get(key);
        if (known != null) {
            return known;
        }
        try {
            Resolution resolved = resolved(policy, client, overrides, ask);
            cache.put(key, resolved);
            return resolved;
        } catch (IllegalArgumentException e) {
            return fitting(policy, client, overrides, ask, e);
        }
    }

    private Resolution unremembered(Policy policy, String client, Overrides overrides, PolicyCost ask) {
        try {
            return resolved(policy, client, overrides, ask);
        } catch (IllegalArgumentException e) {
            return fitting(policy, client, overrides, ask, e);
        }
    }

    private static Resolution resolved(Policy policy, String client, Overrides overrides, PolicyCost ask) {
        return Resolution.of(policy, policy.terms(client, overrides, ask.terms()), ask.terms(), ask.action());
    }

    /**
     * Not remembered: without its plan, for instance, a client has that which is configured for it, and the next client
     * another.
     */
    private Resolution fitting(
            Policy policy, String client, Overrides overrides, PolicyCost ask, IllegalArgumentException wrong) {
        OverrideCheck fit = OverrideCheck.of(policy, client, overrides, ask.action());
        if (fit.leftOut().isEmpty()) {
            throw wrong; // The caller's own numbers are to blame.
        }
        misfits.log(policy.name(), client, fit.leftOut().get());
        return resolved(policy, client, fit.kept(), ask);
    }

    /**
     * What a request wants of a bucket.
     *
     * @throws UnknownBucketException if nothing is set for it
     */
    ResolvedCost claim(BucketCost ask, Overrides overrides) {
        Limit limit = ofBucket(overrides);
        if (limit == null) {
            throw new UnknownBucketException(ask.id());
        }
        return ResolvedCost.ofBucket(ask, limit);
    }

    /** A bucket's limit; null if there is no bucket, or another program wrote numbers that cannot be counted. */
    @Nullable Limit ofBucket(Overrides overrides) {
        Rate rate = overrides.of(Overrides.BUCKET).rate();
        Limit known = rate == null ? null : ofBuckets.get(rate);
        if (rate == null || known != null) {
            return known;
        }
        try {
            Limit limit = Limit.of(Algorithm.TOKEN_BUCKET, rate);
            ofBuckets.put(rate, limit);
            return limit;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Policies are others: what did not fit may fit now, or not any more. */
    void forget() {
        resolutions = new ClockCache<>(MOST);
        misfits.forget();
    }
}
