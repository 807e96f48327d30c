package dev.weir.cdi;

import dev.weir.PolicyCost;
import dev.weir.filter.RateLimits;
import java.util.List;

/**
 * The policies that {@link PolicyName} names in the application.
 *
 * @param policies their names
 * @param places where each stands, in the same order: for messages
 */
record InjectedPolicies(List<String> policies, List<String> places) {

    /** @throws IllegalArgumentException if there is no such policy; the message names the place */
    void requireIn(RateLimits limits) {
        for (int i = 0; i < policies.size(); i++) {
            // Code that asks a limiter itself waits for permits, or does not, as it says in each call.
            limits.require(new PolicyCost(policies.get(i), 1), places.get(i), true);
        }
    }
}
