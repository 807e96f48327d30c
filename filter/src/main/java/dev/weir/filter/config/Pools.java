package dev.weir.filter.config;

import dev.weir.Policy;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Compiles pools, and which policies share them. */
final class Pools {

    private static final long BURST_MICROS = 100_000;
    private static final long LEAST_BURST = 2;

    private final Values values;
    private final ConfigProblems problems;
    private final ConfigProblems warnings;
    private final Map<String, Pool> pools = new TreeMap<>();

    /** Named by their keys, whether they can be used or not. */
    private final Set<String> names = new TreeSet<>();

    private final Set<String> shared = new TreeSet<>();

    /** @param warnings what works, but perhaps not as meant */
    Pools(Values values, ConfigProblems problems, ConfigProblems warnings) {
        this.values = values;
        this.problems = problems;
        this.warnings = warnings;
        for (String key : values.given().values().keySet()) {
            KeyName.parse(key).flatMap(ConfigKeys::pool).ifPresent(names::add);
        }
        names.forEach(this::compile);
    }

    private void compile(String name) {
        Optional<Long> permits = values.value(ConfigKeys.POOL_LIMIT, name);
        Duration period = values.orDefault(ConfigKeys.POOL_PERIOD, name);
        Optional<Long> burst = values.value(ConfigKeys.POOL_BURST, name);
        if (!values.isGiven(ConfigKeys.POOL_LIMIT, name)) {
            problems.add(() -> "%s is not set, and pool '%s' cannot be without it; allowed: %s"
                    .formatted(
                            ConfigKeys.POOL_LIMIT.pattern().with(name),
                            ConfigProblems.shown(name),
                            ConfigKeys.POOL_LIMIT.kind().range()));
        }
        permits.ifPresent(limit -> compile(name, limit, period, burst));
    }

    private void compile(String name, long permits, Duration period, Optional<Long> burst) {
        try {
            Rate rate = new Rate(permits, period, burst.orElseGet(() -> burstOf(permits, period)));
            pools.put(name, new Pool(name, rate));
        } catch (IllegalArgumentException e) {
            values.refuse(
                    (burst.isPresent() ? ConfigKeys.POOL_BURST : ConfigKeys.POOL_LIMIT)
                            .pattern()
                            .with(name),
                    String.valueOf(e.getMessage()),
                    "a name of %s, and numbers that can be counted exactly".formatted(ConfigKeys.POLICY_NAME));
        }
    }

    /** What comes free in a tenth of a second. */
    private static long burstOf(long permits, Duration period) {
        double exact = (double) permits * BURST_MICROS / (period.toNanos() / 1_000.0);
        return Math.max(LEAST_BURST, (long) Math.min(Pool.MAX_BURST, Math.ceil(exact)));
    }

    /** The pool of a policy, if it has one that can be used. */
    Optional<Pool> of(String policy) {
        Optional<String> name = values.value(ConfigKeys.POOL, policy);
        name.filter(pool -> !names.contains(pool))
                .ifPresent(pool -> values.refuse(
                        ConfigKeys.POOL.pattern().with(policy),
                        "there is no such pool",
                        names.isEmpty() ? "nothing, for there is no pool" : String.join(", ", names)));
        name.ifPresent(shared::add);
        return name.map(pools::get);
    }

    /** Says which pools no policy has asked {@link #of} for. */
    void warnOfUnshared() {
        for (String name : pools.keySet()) {
            KeyName limit = ConfigKeys.POOL_LIMIT.pattern().with(name);
            if (!shared.contains(name)) {
                warnings.add(() ->
                        "%s = '%s': no policy shares pool '%s', and it limits nothing; %s = %s is what makes one share it"
                                .formatted(
                                        limit,
                                        values.given()
                                                .value(limit)
                                                .map(ConfigSnapshot.Value::text)
                                                .orElse(""),
                                        name,
                                        ConfigKeys.POOL.pattern(),
                                        name));
            }
        }
    }

    /**
     * A client is one member of a pool, whichever of its policies a request comes under: it must have the same weight
     * in all.
     */
    void checkWeights(Collection<Policy> policies) {
        Map<Pool, Policy> first = new HashMap<>();
        for (Policy policy : policies) {
            Pool pool = policy.pool();
            Policy before = pool == null ? null : first.putIfAbsent(pool, policy);
            if (before != null) {
                checkWeights(before, policy);
            }
        }
    }

    private void checkWeights(Policy one, Policy other) {
        check(one, other, "a client", policy -> weight(policy, Terms.NONE, Terms.NONE), ConfigKeys.SHARE);
        Set<String> plans = new TreeSet<>(one.terms().plans().keySet());
        plans.addAll(other.terms().plans().keySet());
        for (String plan : plans) {
            check(
                    one,
                    other,
                    "plan '%s'".formatted(plan),
                    policy -> ofPlan(policy, plan),
                    ConfigKeys.SHARE_OF_PLAN,
                    plan);
        }
        Set<String> clients = new TreeSet<>(one.terms().clients().keySet());
        clients.addAll(other.terms().clients().keySet());
        for (String client : clients) {
            check(
                    one,
                    other,
                    "client '%s'".formatted(ConfigProblems.shown(client)),
                    policy -> ofClient(policy, client),
                    ConfigKeys.SHARE_OF_CLIENT,
                    client);
        }
    }

    private static long ofPlan(Policy policy, String plan) {
        return weight(policy, Terms.NONE, policy.terms().plans().getOrDefault(plan, Terms.NONE));
    }

    private static long ofClient(Policy policy, String client) {
        Terms own = policy.terms().clients().getOrDefault(client, Terms.NONE);
        return weight(policy, own, PolicyTerms.ofPlan(policy, client));
    }

    private static long weight(Policy policy, Terms ofClient, Terms ofPlan) {
        Long weight = ofClient.over(ofPlan).over(policy.terms().all()).weight();
        return weight == null ? 1 : weight;
    }

    private void check(
            Policy one, Policy other, String whose, ToLongFunction<Policy> weight, ShareKeys keys, String... name) {
        long ofOne = weight.applyAsLong(one);
        long ofOther = weight.applyAsLong(other);
        if (ofOne != ofOther) {
            problems.add(() ->
                    "pool '%s': %s has weight %d under policy '%s' and %d under policy '%s' (%s, %s); allowed: the same weight under all policies of a pool"
                            .formatted(
                                    Objects.requireNonNull(one.pool()).name(),
                                    whose,
                                    ofOne,
                                    one.name(),
                                    ofOther,
                                    other.name(),
                                    given(keys, one, name),
                                    given(keys, other, name)));
        }
    }

    private String given(ShareKeys keys, Policy policy, String... name) {
        String[] names =
                Stream.concat(Stream.of(policy.name()), Stream.of(name)).toArray(String[]::new);
        KeyName key = keys.weight().pattern().with(names);
        return values.given()
                .value(key)
                .map(value -> "%s = '%s'".formatted(ConfigProblems.shown(key.toString()), value.text()))
                .orElseGet(() -> "%s is not set".formatted(ConfigProblems.shown(key.toString())));
    }

    /** What only a limit of the policy's own could need. */
    void refuseWithoutLimit(String policy) {
        for (Key<?> key : List.of(ConfigKeys.PERIOD, ConfigKeys.BURST, ConfigKeys.ALGORITHM)) {
            values.refuse(
                    key.pattern().with(policy),
                    "policy '%s' shares a pool and has no limit of its own".formatted(policy),
                    "no value at all, or %s beside it"
                            .formatted(ConfigKeys.LIMIT.pattern().with(policy)));
        }
    }
}
