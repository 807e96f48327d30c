package dev.weir.filter;

import dev.weir.BucketCost;
import dev.weir.filter.client.ClientIds;
import dev.weir.filter.client.ClientRequest;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import java.util.Optional;
import java.util.function.Function;

/**
 * A bucket that each request names for itself, and what it takes there.
 *
 * <p>An id stays as it came, for buckets are created by the same text. A request that names none, two, or
 * one that no bucket can have, is charged nowhere and may not go on.
 *
 * @param source what of the request names it, as {@code header:X-Tenant}
 * @param value what the request says there
 * @param cost the permits a request takes
 * @param shadow whether it is only tried out
 */
record NamedBucket(String source, Function<ClientRequest, Optional<String>> value, long cost, boolean shadow) {

    private static final String ALLOWED = "allowed are principal, header:NAME, cookie:NAME and class:NAME";

    /**
     * No address: a bucket has to be created for each id, and all other requests are rejected.
     *
     * @throws IllegalArgumentException if {@code source} cannot be read, or the cost is out of its range
     */
    static NamedBucket of(String source, long cost, boolean shadow) {
        if (cost < 1 || cost > Limit.EXACT) {
            throw new IllegalArgumentException(
                    "cost must be a whole number from 1 to %d, but is %d".formatted(Limit.EXACT, cost));
        }
        Function<ClientRequest, Optional<String>> value = ClientIds.value(source)
                .orElseThrow(() ->
                        new IllegalArgumentException("'%s' does not name a bucket; %s".formatted(source, ALLOWED)));
        return new NamedBucket(source, value, cost, shadow);
    }

    /** What a request takes; empty if it names no bucket. */
    Optional<BucketCost> of(ClientRequest request) {
        return value.apply(request).filter(Names::isId).map(id -> new BucketCost(id, cost, shadow));
    }
}
