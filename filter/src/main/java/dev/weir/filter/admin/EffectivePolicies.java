package dev.weir.filter.admin;

import dev.weir.Policy;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The policies and pools in force on this instance, as JSON objects. */
record EffectivePolicies(RateLimits rateLimits) {

    List<Map<String, Object>> policies() {
        return all().map(this::policy).toList();
    }

    private Stream<Policy> all() {
        return rateLimits.weir().policies().values().stream().sorted(Comparator.comparing(Policy::name));
    }

    private Map<String, Object> policy(Policy policy) {
        Pool pool = policy.pool();
        boolean hasLimit = pool == null || !policy.limit().equals(pool.limit());
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("name", policy.name());
        told.put("algorithm", hasLimit ? policy.limit().algorithm().toString() : null);
        putRate(told, hasLimit ? rate(policy.limit()) : null);
        told.put("pool", pool == null ? null : pool.name());
        told.put("weight", policy.terms().weight() == null ? 1 : policy.terms().weight());
        told.put("split", percents(policy.terms()));
        told.put("minimum", policy.minimum());
        told.put("maxAgeMillis", policy.maxAge().toMillis());
        told.put("maxSkewMillis", policy.maxSkew().toMillis());
        told.put("maxDelayMillis", policy.maxDelay().toMillis());
        told.put("shadow", policy.shadow());
        told.put("onStoreFailure", policy.onStoreFailure().name().toLowerCase(Locale.ROOT));
        told.put("sources", rateLimits.sources("weir.policy." + policy.name()));
        told.put("actions", byName(policy.actions(), EffectivePolicies::action));
        told.put("plans", byName(policy.plans(), EffectivePolicies::plan));
        told.put("clients", policy.clients().size());
        return told;
    }

    private static <T> Map<String, Object> byName(Map<String, T> all, Function<T, Object> shown) {
        Map<String, Object> told = new TreeMap<>();
        all.forEach((name, one) -> told.put(name, shown.apply(one)));
        return told;
    }

    private static Map<String, Object> action(Rate rate) {
        Map<String, Object> told = new LinkedHashMap<>();
        putRate(told, rate);
        return told;
    }

    /** What a plan says; null where the policy's holds. */
    private static Map<String, Object> plan(Terms terms) {
        Map<String, Object> told = new LinkedHashMap<>();
        putRate(told, terms.rate());
        told.put("weight", terms.weight());
        told.put("split", percents(terms));
        return told;
    }

    private static Rate rate(Limit limit) {
        return new Rate(limit.permits(), limit.period(), limit.capacity());
    }

    private static void putRate(Map<String, Object> told, @Nullable Rate rate) {
        told.put("limit", rate == null ? null : rate.permits());
        told.put("periodMillis", rate == null ? null : rate.period().toMillis());
        told.put("burst", rate == null ? null : rate.burst());
    }

    private static @Nullable List<Integer> percents(Terms terms) {
        return terms.split() == null ? null : terms.split().percents();
    }

    List<Map<String, Object>> pools() {
        Map<String, Map<String, Object>> told = new TreeMap<>();
        all().forEach(policy -> {
            Pool pool = policy.pool();
            if (pool != null) {
                told.computeIfAbsent(pool.name(), name -> pool(pool));
            }
        });
        return List.copyOf(told.values());
    }

    private Map<String, Object> pool(Pool pool) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("name", pool.name());
        putRate(told, rate(pool.limit()));
        told.put("largestCost", pool.largestCost());
        told.put(
                "policies",
                all().filter(policy -> pool.equals(policy.pool()))
                        .map(Policy::name)
                        .toList());
        told.put("sources", rateLimits.sources("weir.pool." + pool.name()));
        return told;
    }
}
