package dev.weir;

import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Terms;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that can be given with a request. Immutable; each method that sets something returns another acquisition.
 *
 * <pre>{@code
 * Decision decision = search.tryAcquire(Acquisition.of("alice").cost(5).action("export"));
 * }</pre>
 *
 * @param client the client whose permits are charged, 1 to 256 bytes in UTF-8
 * @param cost the permits to take, from 1 to {@link Limit#EXACT}
 * @param action what the client is doing, or null
 * @param subBucket which sub-bucket to take from, from 0; null draws one if the client's limit is split
 * @param terms numbers of this call's own, which win over all others
 * @param at when the request is made, in whole microseconds; null for the store's clock
 */
public record Acquisition(
        String client,
        long cost,
        @Nullable String action,
        @Nullable Integer subBucket,
        Terms terms,
        @Nullable Instant at) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public Acquisition {
        PolicyCost.requireCost(cost);
        if (subBucket != null && subBucket < 0) {
            throw new IllegalArgumentException("sub-bucket must be 0 or more, but is " + subBucket);
        }
    }

    /** A request of {@code client} that costs 1. */
    public static Acquisition of(String client) {
        return new Acquisition(client, 1, null, null, Terms.NONE, null);
    }

    /** With another cost, from 1 to {@link Limit#EXACT}. */
    public Acquisition cost(long cost) {
        return new Acquisition(client, cost, action, subBucket, terms, at);
    }

    /** For an action: it counts on its own if the policy has a limit for it, on the policy otherwise. */
    public Acquisition action(String action) {
        return new Acquisition(client, cost, action, subBucket, terms, at);
    }

    /**
     * From the sub-bucket of this index, from 0, instead of one drawn. An error if the client's limit has none such.
     * While the store that would know it is away, {@link OnStoreFailure} decides, and an instance's share of it permits
     * nothing.
     */
    public Acquisition subBucket(int subBucket) {
        return new Acquisition(client, cost, action, subBucket, terms, at);
    }

    /**
     * With this many times the limit, for this call: 0 or more. It counts on the use of the policy. Requests of several
     * weights are together admitted no more than the largest weight permits.
     */
    public Acquisition weight(long weight) {
        return terms(new Terms(terms.rate(), weight, terms.split()));
    }

    /**
     * Under a limit of its own, for this call. The burst is {@code permits}. Use counts by itself, for the client, the
     * action and the period: it has nothing to do with what the policy's own limit counts. Limits of one period share a
     * use, of which no more is admitted than the largest permits.
     */
    public Acquisition limit(long permits, Duration period) {
        return terms(new Terms(Rate.of(permits, period), terms.weight(), terms.split()));
    }

    /**
     * Made at this moment, instead of when the store decides it. It is rejected if that is longer ago than the policy's
     * max-age ({@link Reason#STALE}), or further ahead than its max-skew ({@link Reason#FUTURE}), by the store's clock.
     * A client's time does not go back: a moment before the client's latest counts as that one. The waits that the
     * decision states count from this moment: how much later the same request would pass; those of {@code STALE} and
     * {@code FUTURE} from the store's clock.
     */
    public Acquisition at(Instant at) {
        return new Acquisition(client, cost, action, subBucket, terms, at);
    }

    private Acquisition terms(Terms other) {
        return new Acquisition(client, cost, action, subBucket, other, at);
    }
}
