package dev.weir.store;

import dev.weir.limit.Terms;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was set at run time for one client or bucket, through {@code LimitAdmin}. It lives in the store, and holds for
 * every request that the store decides from then on. Immutable.
 *
 * @param version changes with every change, and is never used again for other values; {@link #NO_VERSION} if nothing is
 *     set
 * @param plan the client's plan, if it was set
 * @param terms by policy, what differs for the client there; of a bucket, under {@link #BUCKET}, its numbers
 */
public record Overrides(long version, @Nullable String plan, Map<String, Terms> terms) {

    /** The version of nothing. */
    public static final long NO_VERSION = 0;

    /** Nothing is set. */
    public static final Overrides NONE = new Overrides(NO_VERSION, null, Map.of());

    /** The name under which a bucket's numbers and its use are kept. */
    public static final String BUCKET = "$bucket";

    public Overrides {
        terms = Map.copyOf(terms);
    }

    /** Whether nothing is set. */
    public boolean isEmpty() {
        return plan == null && terms.isEmpty();
    }

    /** What is set for a policy. */
    public Terms of(String policy) {
        return terms.getOrDefault(policy, Terms.NONE);
    }

    /** These, with another plan; null for none. */
    public Overrides withPlan(@Nullable String other) {
        return new Overrides(version, other, terms);
    }

    /** These, with other terms under a policy; {@link Terms#NONE} takes them away. */
    public Overrides with(String policy, Terms other) {
        Map<String, Terms> next = new TreeMap<>(terms);
        if (other.equals(Terms.NONE)) {
            next.remove(policy);
        } else {
            next.put(policy, other);
        }
        return new Overrides(version, plan, next);
    }

    /** Whether these are the same settings, of whatever version. */
    public boolean sameAs(Overrides other) {
        return Objects.equals(plan, other.plan) && terms.equals(other.terms);
    }
}
