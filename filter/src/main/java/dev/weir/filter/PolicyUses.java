package dev.weir.filter;

import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.Weir;
import java.util.Map;
import java.util.TreeMap;

/** Which policies filters and resources ask, and at what cost, so that no reload takes away what they need. Thread-safe. */
final class PolicyUses {

    private record Use(long cost, String where) {}

    private final Map<String, Use> dearest = new TreeMap<>();

    synchronized void require(Weir weir, String policy, long cost, String where) {
        try {
            long capacity = weir.policy(policy).limit().capacity();
            if (new PolicyCost(policy, cost).cost() > capacity) {
                throw new IllegalArgumentException("a cost of %d can never pass policy '%s', whose capacity is %d"
                        .formatted(cost, policy, capacity));
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
        dearest.merge(policy, new Use(cost, where), (a, b) -> a.cost() >= b.cost() ? a : b);
    }

    /** Puts policies into force, unless they are not enough for those who use them. */
    synchronized void reconfigure(Weir weir, Map<String, Policy> policies, ConfigProblems problems) {
        dearest.forEach((name, use) -> {
            Policy policy = policies.get(name);
            if (policy == null) {
                problems.add(() -> "policy '%s' is used by %s, and cannot be taken away".formatted(name, use.where()));
            } else if (policy.limit().capacity() < use.cost()) {
                problems.add(() -> "policy '%s' permits at most %d at once, but %s needs %d"
                        .formatted(name, policy.limit().capacity(), use.where(), use.cost()));
            }
        });
        if (problems.isEmpty()) {
            weir.reconfigure(policies.values());
        }
    }
}
