package dev.weir;

import dev.weir.Decision.Rejected;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A rejection of the store that holds for a while: time alone can change it, and says when. Or one that is foreseen: who took
 * the last permits need not hear from the store that they were the last.
 *
 * <p>It is remembered from before the store was asked, so never for longer than it is true; and for at most
 * {@link #REMEMBERED_NANOS}, because permits can come back before their time: another instance gives back a lease, or
 * somebody raises the limit.
 *
 * @param rejected as the store said it
 * @param cost that was rejected: lower ones may pass
 * @param atNanos when the store was asked, on the monotonic clock
 */
record Refusal(Rejected rejected, long cost, long atNanos) {

    /** One that nobody can know to be over costs the store five calls a second. */
    static final long REMEMBERED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /**
     * What the store's decision says of requests to come, if time can change that.
     *
     * @param againAfterMicros as in {@link Answer.Decided}
     */
    static @Nullable Refusal of(Decision decision, long cost, long againAfterMicros, long askedNanos) {
        if (decision instanceof Rejected rejected) {
            return rejected.reason() == Reason.LIMIT ? new Refusal(rejected, cost, askedNanos) : null;
        }
        if (againAfterMicros == 0) {
            return null;
        }
        Rejected next = new Rejected(
                decision.policy(),
                decision.limit(),
                decision.remaining(),
                decision.resetAfterMicros(),
                Reason.LIMIT,
                againAfterMicros);
        return new Refusal(next, Math.max(1, cost), askedNanos);
    }

    boolean isOver(long nowNanos) {
        return nowNanos - atNanos
                >= Math.min(REMEMBERED_NANOS, TimeUnit.MICROSECONDS.toNanos(rejected.retryAfterMicros()));
    }

    /**
     * The same rejection as of now; null if it is over, or says nothing about such a charge.
     *
     * @param here permits that are leased here: the store could have them back, and need have only the rest
     */
    @Nullable Rejected of(Charge charge, long here, long nowNanos) {
        boolean isLess = charge.cost() - here < cost;
        boolean isTooMuch = charge.cost() > rejected.limit().capacity();
        if (isLess || isTooMuch || !rejected.limit().equals(charge.limit()) || isOver(nowNanos)) {
            return null;
        }
        long elapsedMicros = TimeUnit.NANOSECONDS.toMicros(nowNanos - atNanos);
        return new Rejected(
                rejected.policy(),
                rejected.limit(),
                rejected.remaining(),
                Math.max(0, rejected.resetAfterMicros() - elapsedMicros),
                Reason.LIMIT,
                Math.max(0, rejected.retryAfterMicros() - elapsedMicros) + moreMicros(charge.cost() - here - cost));
    }

    /** How much longer a token bucket takes to have more permits; a window has them all at once. */
    private long moreMicros(long permits) {
        return rejected.limit() instanceof TokenBucket bucket
                ? (long) Math.ceil((double) permits * bucket.periodMicros() / bucket.permits())
                : 0;
    }
}
