package dev.weir;

import dev.weir.limit.Limit;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.Charge;
import dev.weir.store.UsageKey;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * By what a request is counted under a policy: all that does not depend on the request itself. Thread-safe, and as good
 * as immutable: parts are resolved when they are first drawn.
 */
final class Resolution {

    /**
     * A sub-bucket.
     *
     * @param usage under which name its use is counted
     * @param limit null if it permits nothing
     * @param index its own, from 0
     */
    private record Part(String usage, @Nullable Limit limit, OptionalInt index) {}

    private final Policy policy;
    private final String usage;
    private final @Nullable Limit limit;
    private final @Nullable Split split;
    private final @Nullable Part[] parts;
    private final long weight;

    private Resolution(Policy policy, String usage, @Nullable Limit limit, @Nullable Split split, long weight) {
        this.policy = policy;
        this.usage = usage;
        this.limit = limit;
        this.split = split;
        this.parts = new Part[split == null ? 0 : split.parts()];
        this.weight = weight;
    }

    /**
     * @param terms what holds for the client's request, those of the request included
     * @param ofRequest numbers of the request's own
     * @throws IllegalArgumentException if they cannot be counted exactly
     */
    static Resolution of(Policy policy, Terms terms, Terms ofRequest, @Nullable String action) {
        String usage = ResolvedCost.usage(policy, action, ofRequest);
        Limit limit = policy.whole(terms, ofRequest, action);
        long weight = policy.pool() == null || terms.weight() == null ? 1 : terms.weight();
        return new Resolution(policy, usage, limit, terms.split(), weight);
    }

    /**
     * What a request wants.
     *
     * @param draws random whole numbers of {@link Split#DRAW_BITS} bits
     */
    ResolvedCost claim(PolicyCost ask, IntSupplier draws) {
        boolean shadow = policy.behaviour().shadow() || ask.shadow();
        boolean strict = !ask.terms().equals(Terms.NONE);
        Integer named = ask.subBucket();
        if (named != null && (split == null || named >= split.parts())) {
            // Strict, for only the store may say so: it knows of a split that was set lately.
            return new ResolvedCost(
                    policy,
                    usage + '#' + named,
                    limit,
                    OptionalInt.of(named),
                    split,
                    null,
                    ask.cost(),
                    shadow,
                    true,
                    1);
        }
        if (split == null) {
            return ResolvedCost.undivided(policy, usage, limit, ask.cost(), shadow, strict, weight);
        }
        int index = named == null ? split.pick(draws.getAsInt()) : named;
        Part part = part(split, index);
        Charge whole = limit == null || part.limit() == null ? null : new Charge(usage, limit, ask.cost());
        return new ResolvedCost(
                policy, part.usage(), part.limit(), part.index(), split, whole, ask.cost(), shadow, strict, 1);
    }

    /** Two threads may resolve the same one: they come to the same. */
    private Part part(Split ofLimit, int index) {
        Part known = parts[index];
        if (known != null) {
            return known;
        }
        Part part =
                new Part(UsageKey.ofSubBucket(usage, index), Policy.part(limit, ofLimit, index), OptionalInt.of(index));
        parts[index] = part;
        return part;
    }
}
