package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.limit.TokenBucket;
import dev.weir.store.Charge;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A rejection of the store that holds for a while: time alone can change it, and says when. Or one that is foreseen: a
 * client that took the last permits need not learn from the store that they were the last.
 *
 * <p>It is remembered from before the store was asked, so never for longer than it is true (but for shares of a pool,
 * see {@link #ofShare}); and for at most {@link #REMEMBERED_NANOS}, because permits can come back before their time:
 * another instance gives back a lease, or the limit is raised.
 *
 * @param rejected as the store said it; its source is {@link Source#LEASE}
 * @param cost that was rejected: lower ones may pass
 * @param atNanos when the store was asked, on the monotonic clock
 * @param longestNanos how long it is remembered at most
 */
record CachedRejection(Rejected rejected, long cost, long atNanos, long longestNanos) {

    CachedRejection {
        rejected = rejected.withRule(rejected.rule().by(Source.LEASE));
    }

    /** A rejection whose end is not known costs the store five calls a second. */
    static final long REMEMBERED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /**
     * What the store's decision says of requests to come, if time can change that.
     *
     * @param isHot whether the client asks so often that it has leases
     * @param againAfterMicros as in {@link StoreReply.Decided}
     */
    static @Nullable CachedRejection of(
            LeaseBasis basis, boolean isHot, Decision decision, long cost, long againAfterMicros, long askedNanos) {
        if (decision instanceof Rejected never && never.reason() == Reason.COST_ABOVE_LIMIT) {
            return new CachedRejection(never, cost, askedNanos, REMEMBERED_NANOS);
        }
        return basis.share() == null
                ? ofLimit(decision, cost, againAfterMicros, askedNanos)
                : ofShare(basis.horizonNanos(), isHot, decision, cost, askedNanos);
    }

    private static @Nullable CachedRejection ofLimit(
            Decision decision, long cost, long againAfterMicros, long askedNanos) {
        if (decision instanceof Rejected rejected) {
            return rejected.reason() == Reason.LIMIT
                    ? new CachedRejection(rejected, cost, askedNanos, REMEMBERED_NANOS)
                    : null;
        }
        return againAfterMicros == 0
                ? null
                : new CachedRejection(
                        next(decision, Reason.LIMIT, againAfterMicros),
                        Math.max(1, cost),
                        askedNanos,
                        REMEMBERED_NANOS);
    }

    /**
     * A share comes back bit by bit. A client that uses all of it, and often, waits until there is enough for a lease:
     * it gets as much, at a call for many permits instead of one for each.
     */
    private static @Nullable CachedRejection ofShare(
            long horizonNanos, boolean isHot, Decision decision, long cost, long askedNanos) {
        long horizonMicros = TimeUnit.NANOSECONDS.toMicros(horizonNanos);
        if (decision.reason() == Reason.SHARE || decision.reason() == Reason.CAPACITY) {
            long stated = decision instanceof Rejected rejected ? rejected.retryAfterMicros() : 0;
            boolean waits = isHot && decision.reason() == Reason.SHARE;
            long retryAfter = waits ? Math.max(horizonMicros, stated) : stated;
            return new CachedRejection(next(decision, decision.reason(), retryAfter), cost, askedNanos, horizonNanos);
        }
        boolean wasTheLast = decision.permitted() && decision.remaining() == 0 && isHot;
        return wasTheLast
                ? new CachedRejection(next(decision, Reason.SHARE, horizonMicros), 1, askedNanos, horizonNanos)
                : null;
    }

    private static Rejected next(Decision decision, Reason reason, long retryAfterMicros) {
        return new Rejected(
                decision.policy(),
                decision.limit(),
                decision.remaining(),
                decision.resetAfterMicros(),
                reason,
                retryAfterMicros);
    }

    boolean isOver(long nowNanos) {
        return nowNanos - atNanos >= longestNanos || isDue(nowNanos);
    }

    /** Whether the time that the store has stated is over, if it was asked at once. */
    boolean isDue(long nowNanos) {
        return nowNanos - dueNanos() >= 0;
    }

    /** When that time is over; more than a century ahead if never. */
    long dueNanos() {
        return atNanos + Math.min(Long.MAX_VALUE / 2, TimeUnit.MICROSECONDS.toNanos(rejected.retryAfterMicros()));
    }

    /**
     * The same rejection as of now; null if it was over when the request came, or says nothing about such a charge.
     *
     * @param here permits that are leased here: the store could have them back, and need have only the rest
     * @param cameNanos when the request came; if that was before the store was asked, what it answered holds
     */
    @Nullable Rejected of(Charge charge, long here, long cameNanos, long nowNanos) {
        boolean isLess = charge.cost() - here < cost;
        boolean isNever = rejected.reason() == Reason.COST_ABOVE_LIMIT;
        boolean isTooMuch = !isNever && charge.cost() > largest(charge);
        if (isLess || isTooMuch || !rejected.limit().equals(charge.limit()) || isOver(cameNanos)) {
            return null;
        }
        long elapsedMicros = TimeUnit.NANOSECONDS.toMicros(nowNanos - atNanos);
        long retryAfter = isNever
                ? Rejected.NEVER
                : Math.max(1, rejected.retryAfterMicros() - elapsedMicros) + moreMicros(charge.cost() - here - cost);
        return rejected.withResetAfterMicros(Math.max(0, rejected.resetAfterMicros() - elapsedMicros))
                .withRetryAfterMicros(retryAfter);
    }

    private static long largest(Charge charge) {
        Share share = charge.share();
        return share == null ? charge.limit().capacity() : share.pool().largestCost();
    }

    /** How much longer a token bucket takes to have more permits; a window has them all at once. */
    private long moreMicros(long permits) {
        return rejected.limit() instanceof TokenBucket bucket
                ? (long) Math.ceil((double) permits * bucket.periodMicros() / bucket.permits())
                : 0;
    }
}
