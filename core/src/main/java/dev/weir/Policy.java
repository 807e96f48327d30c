package dev.weir;

import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import dev.weir.store.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A named rule: a limit for each client, what differs for some clients, and what happens when the store does not
 * answer. Immutable. A policy is made from its limit, and each further method returns a policy that differs in one
 * thing:
 *
 * <pre>{@code
 * Policy search = Policy.of("search", Limit.tokenBucket(100, Duration.ofSeconds(1)))
 *         .onStoreFailure(OnStoreFailure.REJECT)
 *         .plan("gold", Terms.weight(5))
 *         .client("alice", "gold");
 * }</pre>
 *
 * <p>Which numbers hold for a request: those given with the call; else those set for the client at run time
 * ({@link LimitAdmin}); else those of the client here; else those of the client's plan; else the policy's own. An
 * action that has numbers counts by itself under them; of a client and its plan only weight and split apply to it.
 *
 * @param name 1 to 64 letters, digits, {@code -} and {@code _}, not starting with {@code -} or {@code _}: it appears in
 *     configuration keys, Redis keys, HTTP fields and metrics without being quoted
 * @param limit what each client may do
 * @param pool the pool whose capacity the clients share, by their weights, within their limits: both decide together. A
 *     weight then does not multiply the limit, there are no splits, and requests have no timestamps of their own. Null
 *     if each client has its limit to itself
 * @param terms what differs for some clients, plans and actions
 * @param behaviour what the policy does without the store, in shadow mode, with timestamps and at the limit
 */
public record Policy(String name, Limit limit, @Nullable Pool pool, ClientTerms terms, Behaviour behaviour) {

    /** @throws IllegalArgumentException if the name is not as described, or the minimum cannot be kept */
    public Policy {
        if (!Names.isPolicyName(name)) {
            throw new IllegalArgumentException(
                    ("a policy's name must be 1 to 64 letters, digits, '-' and '_', starting with a letter or digit, "
                                    + "but is '%s'")
                            .formatted(name));
        }
        Objects.requireNonNull(limit, "limit");
        Objects.requireNonNull(behaviour, "behaviour");
        requireMinimum(limit, pool, terms);
    }

    private static void requireMinimum(Limit limit, @Nullable Pool pool, ClientTerms terms) {
        long minimum = terms.minimum();
        if (minimum == 0) {
            return;
        }
        if (minimum < 0 || minimum > Limit.EXACT || pool != null) {
            throw new IllegalArgumentException("minimum must be a whole number from 0 to %d%s, but is %d"
                    .formatted(Limit.EXACT, pool == null ? "" : ", and 0 beside a pool", minimum));
        }
        capped(limit, minimum);
        terms.rates().forEach(rate -> capped(Limit.of(limit.algorithm(), rate), minimum));
    }

    /** What clients of weight 0 have of a limit, never more than those of weight 1; null if nothing. */
    @Nullable Limit ofWeightZero(Limit limit) {
        return terms.minimum() == 0 ? null : capped(limit, terms.minimum());
    }

    /** A limit with at most so many permits, per period and at once. */
    private static Limit capped(Limit limit, long most) {
        long permits = Math.min(most, limit.permits());
        long burst = Math.min(most, limit.capacity());
        return Limit.of(limit.algorithm(), new Rate(permits, limit.period(), burst));
    }

    /** A policy that gives each client the limit, and keeps it locally while the store does not answer. */
    public static Policy of(String name, Limit limit) {
        return new Policy(name, limit, null, ClientTerms.NONE, Behaviour.DEFAULT);
    }

    /** A policy whose clients share a pool, without a limit of their own. */
    public static Policy sharing(String name, Pool pool) {
        return of(name, pool.limit()).in(pool);
    }

    /**
     * This policy, with its clients sharing a pool within their limits. A limit that equals the pool's is no limit: no
     * client can take more than all clients together.
     */
    public Policy in(Pool pool) {
        return new Policy(name, limit, pool, terms, behaviour);
    }

    /** This policy, with other terms of its clients. */
    public Policy with(ClientTerms terms) {
        return new Policy(name, limit, pool, terms, behaviour);
    }

    /** This policy, with another behaviour. */
    public Policy with(Behaviour behaviour) {
        return new Policy(name, limit, pool, terms, behaviour);
    }

    /** This policy, with weight and split of clients for which nothing else is configured. */
    public Policy allClients(Terms terms) {
        return with(this.terms.withAll(terms));
    }

    /** This policy, with an action that counts by itself under numbers of its own. */
    public Policy action(String action, Rate rate) {
        return with(terms.withAction(action, rate));
    }

    /** This policy, with what differs for the clients of a plan. */
    public Policy plan(String plan, Terms terms) {
        return with(this.terms.withPlan(plan, terms));
    }

    /** This policy, with what differs for one client. */
    public Policy client(String client, Terms terms) {
        return with(this.terms.withClient(client, terms));
    }

    /** This policy, with a client that is on a plan. A plan that the policy does not have changes nothing. */
    public Policy client(String client, String plan) {
        return with(terms.withPlanOf(client, plan));
    }

    /**
     * This policy, under which clients of weight 0 have so many permits per period, and at once, instead of none; but
     * not more than the limit in force has.
     *
     * @throws IllegalArgumentException if it is negative, cannot be counted exactly under a rate of this policy, or
     *     clients share a pool
     */
    public Policy minimum(long permits) {
        return with(terms.withMinimum(permits));
    }

    /** This policy, with another answer while the store does not answer. */
    public Policy onStoreFailure(OnStoreFailure onStoreFailure) {
        return with(behaviour.withOnStoreFailure(onStoreFailure));
    }

    /** This policy in shadow mode: it decides and counts, but does not enforce. */
    public Policy shadow() {
        return with(behaviour.withShadow());
    }

    /**
     * This policy, under which a caller's timestamp may be so old.
     *
     * @throws IllegalArgumentException if it is negative or above {@link Timestamp#LONGEST_MAX_AGE}
     */
    public Policy maxAge(Duration maxAge) {
        return with(behaviour.withMaxAge(maxAge));
    }

    /**
     * This policy, under which a caller's timestamp may be so far ahead of the store's clock.
     *
     * @throws IllegalArgumentException if it is negative or above {@link Timestamp#LONGEST_MAX_SKEW}
     */
    public Policy maxSkew(Duration maxSkew) {
        return with(behaviour.withMaxSkew(maxSkew));
    }

    /**
     * This policy, under which a request may wait so long for its turn where it can.
     *
     * @throws IllegalArgumentException if it is negative or above {@link Behaviour#LONGEST_MAX_DELAY}
     */
    public Policy maxDelay(Duration maxDelay) {
        return with(behaviour.withMaxDelay(maxDelay));
    }

    /**
     * The limits in force where {@code others} differ from this policy: one, or, if it is split, one for each
     * sub-bucket. Those that permit nothing are empty.
     *
     * @param others {@link Terms#NONE} for clients of which nothing else is said
     * @param action what the client is doing, or null; one without numbers counts on the policy
     * @throws IllegalArgumentException if one of the limits cannot be counted exactly; the message says why
     */
    public List<Optional<Limit>> limits(Terms others, @Nullable String action) {
        Terms all = others.over(terms.all());
        Limit whole = whole(all, Terms.NONE, action);
        Split split = all.split();
        return split == null
                ? List.of(Optional.ofNullable(whole))
                : IntStream.range(0, split.parts())
                        .mapToObj(part -> Optional.ofNullable(part(whole, split, part)))
                        .toList();
    }

    /**
     * A caller's timestamp, to be judged by this policy.
     *
     * @throws IllegalArgumentException if clients share a pool: its time is the same for all
     */
    Timestamp timestamp(Instant at) {
        if (pool != null) {
            throw new IllegalArgumentException(("policy '%s' shares pool '%s', which goes by the store's clock: "
                            + "a request cannot have a timestamp of its own")
                    .formatted(name, pool.name()));
        }
        return Timestamp.of(at, behaviour.maxAge(), behaviour.maxSkew());
    }

    /**
     * The limit under a client's terms; null if it permits nothing. Its rate is the request's, or else the
     * action's, or else that of the terms. With a weight of 0 it is the policy's minimum. Where a pool is shared, the
     * weight is a share of that.
     *
     * @param terms those of the request included
     * @throws IllegalArgumentException if it cannot be counted exactly, or the terms do not go with a pool
     */
    @Nullable Limit whole(Terms terms, Terms ofRequest, @Nullable String action) {
        Rate ofAction = this.terms.ofAction(action);
        Rate rate = ofRequest.rate() != null || ofAction == null ? terms.rate() : ofAction;
        Limit other = rate == null ? limit : Limit.of(limit.algorithm(), rate);
        if (pool == null) {
            Long weight = terms.weight();
            return weight != null && weight == 0 ? ofWeightZero(other) : weighted(other, weight);
        }
        if (terms.split() != null) {
            throw new IllegalArgumentException(
                    "policy '%s' shares pool '%s': a limit beside a pool cannot be split".formatted(name, pool.name()));
        }
        Pool.requireWeight(terms.weight() == null ? 1 : terms.weight());
        return other;
    }

    /** What a sub-bucket has of a limit; null if it permits nothing. */
    static @Nullable Limit part(@Nullable Limit whole, Split split, int part) {
        return whole == null || part >= split.parts() ? null : scaled(whole, permits -> split.share(permits, part));
    }

    static void checkParts(@Nullable Limit whole, @Nullable Split split) {
        if (split != null) {
            IntStream.range(0, split.parts()).forEach(part -> part(whole, split, part));
        }
    }

    /**
     * @throws IllegalArgumentException if a client's limit cannot be counted exactly with these terms
     */
    void check(Terms terms) {
        checkParts(whole(terms, Terms.NONE, null), terms.split());
    }

    private static @Nullable Limit weighted(Limit limit, @Nullable Long weight) {
        if (weight == null || weight == 1) {
            return limit;
        }
        return scaled(limit, permits -> {
            if (!Exact.fits(permits, weight)) {
                throw new IllegalArgumentException(
                        "a weight of %d times %d permits cannot be counted exactly".formatted(weight, permits));
            }
            return permits * weight;
        });
    }

    private static @Nullable Limit scaled(Limit limit, LongUnaryOperator scale) {
        long permits = scale.applyAsLong(limit.permits());
        long burst = scale.applyAsLong(limit.capacity());
        return permits == 0 || burst == 0
                ? null
                : Limit.of(limit.algorithm(), new Rate(permits, limit.period(), burst));
    }

    /** What holds for a client's call, given what was set for the client at run time. */
    Terms terms(String client, Overrides overrides, Terms ofCall) {
        return ofCall.over(overrides.of(name))
                .over(terms.ofClient(client))
                .over(terms.ofPlan(client, overrides))
                .over(terms.all());
    }
}
