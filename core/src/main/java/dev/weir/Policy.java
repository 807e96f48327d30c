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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A named rule: a limit for each client, what differs for some clients, and what happens when the store does not
 * answer. Immutable.
 *
 * <p>Which numbers hold for a request: those given with the call; else those set for the client at run time
 * ({@link LimitAdmin}); else those of the client here; else those of the client's plan; else the policy's own. An
 * action that has numbers counts by itself under them; of a client and its plan only weight and split apply to it.
 *
 * @param name 1 to 64 letters, digits, {@code -} and {@code _}, not starting with {@code -} or {@code _}: it appears in
 *     configuration keys, Redis keys, HTTP fields and metrics without being quoted
 * @param limit what each client may do
 * @param onStoreFailure what to do without the store
 * @param shadow whether the policy decides and counts, but does not enforce
 * @param terms weight and split of clients for which nothing else is said
 * @param actions actions with numbers of their own, by name: 1 to 64 letters, digits, {@code .}, {@code -} and
 *     {@code _}
 * @param plans what differs for all clients of a plan, by the plan's name
 * @param clients what differs for single clients, by id
 * @param planOf which client is on which plan
 * @param maxAge how old a caller's timestamp may be, at most {@link Timestamp#LONGEST_MAX_AGE}
 * @param maxSkew how far ahead of the store's clock a caller's timestamp may be, at most
 *     {@link Timestamp#LONGEST_MAX_SKEW}
 * @param maxDelay how long a request may wait for its turn where it can ({@link Weir#acquireAsync}), at most
 *     {@link #LONGEST_MAX_DELAY}; 0 if it is rejected at the limit
 * @param pool the pool whose capacity the clients share, by their weights, within their limits: both decide together. A
 *     weight then does not multiply the limit, there are no splits, and requests have no timestamps of their own. Null
 *     if each client has its limit to itself
 * @param minimum the permits per period, and at once, of clients of weight 0, but not more than the limit in force has:
 *     0 for none. Beside a pool it is 0: a pool has a minimum of its own
 */
public record Policy(
        String name,
        Limit limit,
        OnStoreFailure onStoreFailure,
        boolean shadow,
        Terms terms,
        Map<String, Rate> actions,
        Map<String, Terms> plans,
        Map<String, Terms> clients,
        Map<String, String> planOf,
        Duration maxAge,
        Duration maxSkew,
        Duration maxDelay,
        @Nullable Pool pool,
        long minimum) {

    /** The longest that a request may wait for its turn. */
    public static final Duration LONGEST_MAX_DELAY = Duration.ofMinutes(10);

    /** How old a caller's timestamp may be where nothing else is said. */
    public static final Duration DEFAULT_MAX_AGE = Duration.ofSeconds(60);

    /** How far ahead a caller's timestamp may be where nothing else is said. */
    public static final Duration DEFAULT_MAX_SKEW = Duration.ofSeconds(5);

    /** @throws IllegalArgumentException if a name or a duration is not as described */
    public Policy {
        if (!Names.isPolicyName(name)) {
            throw new IllegalArgumentException(
                    ("a policy's name must be 1 to 64 letters, digits, '-' and '_', starting with a letter or digit, "
                                    + "but is '%s'")
                            .formatted(name));
        }
        Objects.requireNonNull(limit, "limit");
        Objects.requireNonNull(onStoreFailure, "onStoreFailure");
        actions.keySet().forEach(Names::requirePartName);
        plans.keySet().forEach(Names::requirePartName);
        requireUpTo("max-age", maxAge, Timestamp.LONGEST_MAX_AGE);
        requireUpTo("max-skew", maxSkew, Timestamp.LONGEST_MAX_SKEW);
        requireUpTo("max-delay", maxDelay, LONGEST_MAX_DELAY);
        actions = Map.copyOf(actions);
        plans = Map.copyOf(plans);
        clients = Map.copyOf(withSharedTerms(clients));
        planOf = Map.copyOf(planOf);
        if (minimum != 0) {
            requireMinimum(limit, minimum, pool);
            Stream.of(actions.values().stream(), rates(plans), rates(clients))
                    .flatMap(rates -> rates)
                    .forEach(rate -> capped(Limit.of(limit.algorithm(), rate), minimum));
        }
    }

    /** Equal terms are one object, so that limits are resolved once for all clients that have them. */
    private static Map<String, Terms> withSharedTerms(Map<String, Terms> clients) {
        Map<Terms, Terms> known = new HashMap<>();
        Map<String, Terms> shared = new HashMap<>();
        clients.forEach((client, own) -> {
            Terms same = known.putIfAbsent(own, own);
            shared.put(client, same == null ? own : same);
        });
        return shared;
    }

    private static Stream<Rate> rates(Map<String, Terms> terms) {
        return terms.values().stream().flatMap(some -> Stream.ofNullable(some.rate()));
    }

    private static void requireMinimum(Limit limit, long minimum, @Nullable Pool pool) {
        if (minimum < 0 || minimum > Limit.EXACT || pool != null) {
            throw new IllegalArgumentException("minimum must be a whole number from 0 to %d%s, but is %d"
                    .formatted(Limit.EXACT, pool == null ? "" : ", and 0 beside a pool", minimum));
        }
        capped(limit, minimum);
    }

    /** What clients of weight 0 have of a limit, never more than those of weight 1; null if nothing. */
    @Nullable Limit ofWeightZero(Limit limit) {
        return minimum == 0 ? null : capped(limit, minimum);
    }

    /** A limit with at most so many permits, per period and at once. */
    private static Limit capped(Limit limit, long most) {
        long permits = Math.min(most, limit.permits());
        long burst = Math.min(most, limit.capacity());
        return Limit.of(limit.algorithm(), new Rate(permits, limit.period(), burst));
    }

    static void requireUpTo(String name, Duration duration, Duration longest) {
        if (duration.isNegative() || duration.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "%s must be from PT0S to %s, but is %s".formatted(name, longest, duration));
        }
    }

    /**
     * A policy that takes callers' timestamps as most do, and rejects at the limit; its clients have their limits each
     * to themselves, and nothing with a weight of 0.
     */
    public Policy(
            String name,
            Limit limit,
            OnStoreFailure onStoreFailure,
            boolean shadow,
            Terms terms,
            Map<String, Rate> actions,
            Map<String, Terms> plans,
            Map<String, Terms> clients,
            Map<String, String> planOf) {
        this(
                name,
                limit,
                onStoreFailure,
                shadow,
                terms,
                actions,
                plans,
                clients,
                planOf,
                DEFAULT_MAX_AGE,
                DEFAULT_MAX_SKEW,
                Duration.ZERO,
                null,
                0);
    }

    /** A policy for which nothing differs for anybody. */
    public Policy(String name, Limit limit, OnStoreFailure onStoreFailure) {
        this(name, limit, onStoreFailure, false, Terms.NONE, Map.of(), Map.of(), Map.of(), Map.of());
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
        return with(maxDelay, pool, minimum);
    }

    /** This policy, under which a request may wait so long for its turn where it can. */
    public Policy delaying(Duration maxDelay) {
        return with(maxDelay, pool, minimum);
    }

    /**
     * This policy, under which clients of weight 0 have so many permits per period, and at once, instead of none; but
     * not more than the limit in force has.
     *
     * @throws IllegalArgumentException if it is negative, cannot be counted exactly under a rate of this policy, or
     *     clients share a pool
     */
    public Policy minimum(long permits) {
        return with(maxDelay, pool, permits);
    }

    private Policy with(Duration delay, @Nullable Pool shared, long ofWeightZero) {
        return new Policy(
                name,
                limit,
                onStoreFailure,
                shadow,
                terms,
                actions,
                plans,
                clients,
                planOf,
                maxAge,
                maxSkew,
                delay,
                shared,
                ofWeightZero);
    }

    /** A policy that keeps its limit locally while the store does not answer. */
    public static Policy of(String name, Limit limit) {
        return new Policy(name, limit, OnStoreFailure.LOCAL);
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
        Terms all = others.over(terms);
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
        return Timestamp.of(at, maxAge, maxSkew);
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
                        actions.keySet().stream().map(Optional::of))
                .flatMap(action -> OverrideCheck.of(this, client, overrides, action.orElse(null)).leftOut().stream())
                .findFirst();
    }

    /** Whether nothing differs for anybody. */
    boolean isPlain() {
        return terms == Terms.NONE && actions.isEmpty() && plans.isEmpty() && clients.isEmpty();
    }

    /** What holds for a client's call, given what was set for the client at run time. */
    Terms terms(String client, Overrides overrides, Terms ofCall) {
        return ofCall.over(overrides.of(name))
                .over(ofClient(client))
                .over(ofPlan(client, overrides))
                .over(terms);
    }

    Terms ofClient(String client) {
        return clients.getOrDefault(client, Terms.NONE);
    }

    Terms ofPlan(String client, Overrides overrides) {
        String plan = overrides.plan() == null ? planOf.get(client) : overrides.plan();
        return plan == null ? Terms.NONE : plans.getOrDefault(plan, Terms.NONE);
    }

    /** The numbers of an action, if it has its own. */
    @Nullable Rate ofAction(@Nullable String action) {
        return action == null ? null : actions.get(action);
    }
}
