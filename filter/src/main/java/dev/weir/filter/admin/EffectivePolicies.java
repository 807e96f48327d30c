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
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The policies and pools in force on this instance, as JSON objects: maps of text, numbers, truth values, lists and
 * such maps, and null. It needs no JAX-RS.
 *
 * @param rateLimits the limiter that is asked, each time
 */
public record EffectivePolicies(RateLimits rateLimits) {

    /** The policies, by name. */
    public List<Map<String, Object>> policies() {
        return all().map(this::policy).toList();
    }

    private Stream<Policy> all() {
        return rateLimits.weir().policies().values().stream().sorted(Comparator.comparing(Policy::name));
    }

    private Map<String, Object> policy(Policy policy) {
        Pool pool = policy.pool();
        boolean hasLimit = pool == null || !policy.limit().equals(pool.limit());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", policy.name());
        fields.put("algorithm", hasLimit ? policy.limit().algorithm().toString() : null);
        putRate(fields, hasLimit ? rate(policy.limit()) : null);
        fields.put("pool", pool == null ? null : pool.name());
        fields.put("weight", Objects.requireNonNullElse(policy.terms().all().weight(), 1L));
        fields.put("split", percents(policy.terms().all()));
        fields.put("minimum", policy.terms().minimum());
        fields.put("maxAgeMillis", policy.behaviour().maxAge().toMillis());
        fields.put("maxSkewMillis", policy.behaviour().maxSkew().toMillis());
        fields.put("maxDelayMillis", policy.behaviour().maxDelay().toMillis());
        fields.put("shadow", policy.behaviour().shadow());
        fields.put("onStoreFailure", policy.behaviour().onStoreFailure().name().toLowerCase(Locale.ROOT));
        fields.put("sources", rateLimits.sources("weir.policy." + policy.name()));
        fields.put("actions", byName(policy.terms().actions(), EffectivePolicies::action));
        fields.put("plans", byName(policy.terms().plans(), EffectivePolicies::plan));
        fields.put("clients", policy.terms().clients().size());
        return fields;
    }

    private static <T> Map<String, Object> byName(Map<String, T> all, Function<T, Object> shown) {
        Map<String, Object> fields = new TreeMap<>();
        all.forEach((name, one) -> fields.put(name, shown.apply(one)));
        return fields;
    }

    private static Map<String, Object> action(Rate rate) {
        Map<String, Object> fields = new LinkedHashMap<>();
        putRate(fields, rate);
        return fields;
    }

    /** What a plan says; null where the policy's holds. */
    private static Map<String, Object> plan(Terms terms) {
        Map<String, Object> fields = new LinkedHashMap<>();
        putRate(fields, terms.rate());
        fields.put("weight", terms.weight());
        fields.put("split", percents(terms));
        return fields;
    }

    private static Rate rate(Limit limit) {
        return new Rate(limit.permits(), limit.period(), limit.capacity());
    }

    private static void putRate(Map<String, Object> fields, @Nullable Rate rate) {
        fields.put("limit", rate == null ? null : rate.permits());
        fields.put("periodMillis", rate == null ? null : rate.period().toMillis());
        fields.put("burst", rate == null ? null : rate.burst());
    }

    private static @Nullable List<Integer> percents(Terms terms) {
        return terms.split() == null ? null : terms.split().percents();
    }

    /** The pools that policies share, by name. */
    public List<Map<String, Object>> pools() {
        Map<String, Map<String, Object>> fields = new TreeMap<>();
        all().forEach(policy -> {
            Pool pool = policy.pool();
            if (pool != null) {
                fields.computeIfAbsent(pool.name(), name -> pool(pool));
            }
        });
        return List.copyOf(fields.values());
    }

    private Map<String, Object> pool(Pool pool) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", pool.name());
        putRate(fields, rate(pool.limit()));
        fields.put("largestCost", pool.largestCost());
        fields.put(
                "policies",
                all().filter(policy -> pool.equals(policy.pool()))
                        .map(Policy::name)
                        .toList());
        fields.put("sources", rateLimits.sources("weir.pool." + pool.name()));
        return fields;
    }
}
