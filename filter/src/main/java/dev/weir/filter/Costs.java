package dev.weir.filter;

import dev.weir.PolicyCost;
import java.util.List;

/**
 * What a request is charged at one place, all of it or nothing.
 *
 * @param policies of its client, each another one
 * @param buckets that it names, each by something else
 */
record Costs(List<PolicyCost> policies, List<NamedBucket> buckets) {

    Costs {
        policies = List.copyOf(policies);
        buckets = List.copyOf(buckets);
    }

    /** Of a place without a limit. */
    static final Costs NONE = new Costs(List.of(), List.of());
}
