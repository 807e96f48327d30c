package dev.weir.filter.config;

import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Terms;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which policies filters and resources ask, and at what cost, so that no reload takes away a policy that is asked.
 * Thread-safe.
 *
 * <p>A cost is measured against what a client gets for which nothing else is configured.
 */
public final class PolicyUses {

    /** What is missing where requests cannot wait. */
    private static final String LISTENER_NEEDED =
            "requests wait only where the container has called dev.weir.filter.RateLimitsListener: one that looks for"
                    + " initializers does, and elsewhere it must be a <listener> of web.xml; and not on Quarkus where JAX-RS has"
                    + " the path /";

    private static final Logger LOG = System.getLogger(PolicyUses.class.getName());

    private record Asked(
            String policy,
            @Nullable String action,
            @Nullable Integer subBucket,
            boolean canWait) {}

    private record Use(PolicyCost ask, String where) {}

    private final Map<Asked, Use> dearest = new HashMap<>();

    public synchronized void require(Weir weir, PolicyCost ask, String where, boolean canWait) {
        try {
            Policy policy = weir.policy(ask.policy());
            Optional<String> hindrance = hindrance(policy, ask).or(() -> delay(policy, canWait));
            if (hindrance.isPresent()) {
                throw new IllegalArgumentException(hindrance.get());
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
        dearest.merge(
                new Asked(ask.policy(), ask.action(), ask.subBucket(), canWait),
                new Use(ask, where),
                (a, b) -> a.ask().cost() >= b.ask().cost() ? a : b);
    }

    /** Why a request can never pass, if it cannot. */
    private static Optional<String> hindrance(Policy policy, PolicyCost ask) {
        List<Optional<Limit>> limits = policy.limits(Terms.NONE, ask.action());
        String whole = ask.action() == null || !policy.terms().actions().containsKey(ask.action())
                ? "policy '%s'".formatted(policy.name())
                : "action '%s' of policy '%s'".formatted(ask.action(), policy.name());
        Integer subBucket = ask.subBucket();
        if (subBucket != null && policy.terms().all().split() == null) {
            return Optional.of("there is no sub-bucket %d in %s, which is not split".formatted(subBucket, whole));
        }
        if (subBucket != null && subBucket >= limits.size()) {
            return Optional.of("there is no sub-bucket %d in %s, which is split into %d: 0 to %d"
                    .formatted(subBucket, whole, limits.size(), limits.size() - 1));
        }
        Pool pool = policy.pool();
        if (pool != null && ask.cost() > pool.largestCost()) {
            return Optional.of("a cost of %d can never pass pool '%s', whose burst is %d: it may be at most %d"
                    .formatted(ask.cost(), pool.name(), pool.limit().capacity(), pool.largestCost()));
        }
        if (pool == null
                && policy.terms().all().weight() != null
                && policy.terms().all().weight() == 0) {
            return Optional.empty(); // Only clients with a weight of their own pass: that is what it is for.
        }
        long capacity = (subBucket == null ? limits : limits.subList(subBucket, subBucket + 1))
                .stream()
                        .flatMap(Optional::stream)
                        .mapToLong(Limit::capacity)
                        .max()
                        .orElse(0);
        return ask.cost() <= capacity
                ? Optional.empty()
                : Optional.of("a cost of %d can never pass %s, whose capacity is %d"
                        .formatted(
                                ask.cost(),
                                subBucket == null ? whole : "sub-bucket %d of %s".formatted(subBucket, whole),
                                capacity));
    }

    /** Why requests cannot wait under a policy that wants it. */
    private static Optional<String> delay(Policy policy, boolean canWait) {
        return canWait || policy.behaviour().maxDelay().isZero()
                ? Optional.empty()
                : Optional.of("policy '%s' has at-limit=delay, but %s".formatted(policy.name(), LISTENER_NEEDED));
    }

    /** Puts policies into force, unless one that is in use is missing, or delays where requests cannot wait. */
    public synchronized void reconfigure(Weir weir, Map<String, Policy> policies, ConfigProblems problems) {
        dearest.forEach((asked, use) -> {
            Policy policy = policies.get(asked.policy());
            if (policy == null) {
                problems.add(() ->
                        "policy '%s' is used by %s, and cannot be taken away".formatted(asked.policy(), use.where()));
            } else {
                delay(policy, asked.canWait()).ifPresent(why -> problems.add(() -> use.where() + ": " + why));
                // Not refused: in an emergency a limit is cut, and that what costs more no longer passes is the point.
                hindrance(policy, use.ask())
                        .ifPresent(why -> LOG.log(Level.WARNING, "{0} can no longer pass: {1}", use.where(), why));
            }
        });
        if (problems.isEmpty()) {
            weir.reconfigure(policies.values());
        }
    }
}
