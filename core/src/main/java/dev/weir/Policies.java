package dev.weir;

import dev.weir.limit.Names;
import dev.weir.limit.Pool;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** The policies in force: all of them are replaced at once. Thread-safe. */
final class Policies {

    private volatile Map<String, Policy> byName;

    /** @throws IllegalArgumentException as {@link #replace} */
    Policies(Collection<Policy> policies) {
        byName = valid(policies);
    }

    /** @throws UnknownPolicyException if there is no such policy */
    Policy get(String name) {
        Map<String, Policy> current = byName;
        Policy policy = current.get(name);
        if (policy == null) {
            throw new UnknownPolicyException(name, current.keySet());
        }
        return policy;
    }

    /** All of them, by name. Immutable. */
    Map<String, Policy> all() {
        return byName;
    }

    /**
     * Puts others into force; the last of a name wins.
     *
     * @return whether a policy of a name is another one now, or has gone
     * @throws IllegalArgumentException if a policy has a reserved name, or one pool is given two limits
     */
    Predicate<String> replace(Collection<Policy> policies) {
        Map<String, Policy> before = byName;
        Map<String, Policy> next = valid(policies);
        byName = next;
        return name -> !Objects.equals(before.get(name), next.get(name));
    }

    private static Map<String, Policy> valid(Collection<Policy> all) {
        Map<String, Policy> policies = new LinkedHashMap<>();
        all.forEach(policy -> policies.put(policy.name(), policy));
        // Responses and metrics identify policies by their names: a bucket must not be mistaken for one.
        if (policies.containsKey(Names.BUCKET)) {
            throw new IllegalArgumentException(
                    "'%s' is reserved: decisions on named buckets report it as their policy".formatted(Names.BUCKET));
        }
        Map<String, Pool> pools = new HashMap<>();
        for (Policy policy : policies.values()) {
            Pool pool = policy.pool();
            Pool other = pool == null ? null : pools.putIfAbsent(pool.name(), pool);
            if (pool != null && other != null && !pool.equals(other)) {
                throw new IllegalArgumentException(
                        "policies share one pool '%s' under different numbers, %s and %s; policy '%s' is one of them"
                                .formatted(pool.name(), other.limit(), pool.limit(), policy.name()));
            }
        }
        return Map.copyOf(policies);
    }
}
