package dev.weir;

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
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
        Limit whole = ResolvedCost.whole(this, all, Terms.NONE, action);
        Split split = all.split();
        return split == null
                ? List.of(Optional.ofNullable(whole))
                : IntStream.range(0, split.parts())
                        .mapToObj(part -> Optional.ofNullable(ResolvedCost.part(whole, split, part)))
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
     * What of a client's settings made at run time is left out here, for they were made before the policy or their plan
     * changed, and cannot be counted any more; with the reason, for people to read. Empty if all of them hold.
     *
     * @param overrides what is set for the client ({@link LimitAdmin#find})
     */
    public Optional<String> leftOut(String client, Overrides overrides) {
        return Stream.concat(
                        Stream.of(Optional.<String>empty()),
                        terms.actions().keySet().stream().map(Optional::of))
                .flatMap(action -> OverrideCheck.of(this, client, overrides, action.orElse(null)).leftOut().stream())
                .findFirst();
    }

    /** What holds for a client's call, given what was set for the client at run time. */
    Terms terms(String client, Overrides overrides, Terms ofCall) {
        return ofCall.over(overrides.of(name))
                .over(terms.ofClient(client))
                .over(terms.ofPlan(client, overrides))
                .over(terms.all());
    }
}
