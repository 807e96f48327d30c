package dev.weir.filter;

import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.Weir;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.TreeMap;

/** Which policies filters and resources ask, and at what cost, so that no reload takes away a policy that is asked. Thread-safe. */
final class PolicyUses {

    private static final Logger LOG = System.getLogger(PolicyUses.class.getName());

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

    /** Puts policies into force, unless one that is in use is missing. */
    synchronized void reconfigure(Weir weir, Map<String, Policy> policies, ConfigProblems problems) {
        dearest.forEach((name, use) -> {
            Policy policy = policies.get(name);
            if (policy == null) {
                problems.add(() -> "policy '%s' is used by %s, and cannot be taken away".formatted(name, use.where()));
            } else if (policy.limit().capacity() < use.cost()) {
                // Not refused: in an emergency a limit is cut, and that what costs more no longer passes is the point.
                LOG.log(
                        Level.WARNING,
                        "policy ''{0}'' permits at most {1} at once: {2}, which needs {3}, can no longer pass",
                        name,
                        policy.limit().capacity(),
                        use.where(),
                        use.cost());
            }
        });
        if (problems.isEmpty()) {
            weir.reconfigure(policies.values());
        }
    }
}
