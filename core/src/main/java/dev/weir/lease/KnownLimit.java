package dev.weir.lease;

import dev.weir.limit.Decision.Rejected;
import dev.weir.store.Charge;
import org.jspecify.annotations.Nullable;

/**
 * What an instance knows of one client's limit: which one is in force, and what the store has refused under it. A
 * change makes it forget both, and ignore answers to what was asked before.
 *
 * <p>Not thread-safe: guarded by the monitor of its lease.
 */
final class KnownLimit {

    private @Nullable LeaseBasis inForce;

    /** When a request last went by it. */
    private long confirmedNanos;

    private @Nullable CachedRejection rejection;

    /** How long the store's last answer took. */
    private long tookNanos;

    private long answeredNanos;

    /** Permits that it left, less what requests have asked for since then: what was under way is not known. */
    private long left = Long.MAX_VALUE;

    /** When limits were changed last, or permits came back before their time. */
    private long changedNanos;

    KnownLimit(long nowNanos) {
        this.changedNanos = nowNanos;
    }

    /** What the store decides on; null if that was changed, and is not known yet. */
    @Nullable LeaseBasis inForce() {
        return inForce;
    }

    boolean isInForce(LeaseBasis basis) {
        return basis.equals(inForce);
    }

    /** The store has decided on this. */
    void put(LeaseBasis basis, long nowNanos) {
        inForce = basis;
        confirmedNanos = nowNanos;
    }

    /** A request goes by what is in force. */
    void confirm(long nowNanos) {
        confirmedNanos = nowNanos;
    }

    /** How long no request has gone by it. */
    long unconfirmedNanos(long nowNanos) {
        return nowNanos - confirmedNanos;
    }

    /** What is in force has to be learnt from the store. */
    void forget() {
        inForce = null;
        forgetRejection();
    }

    /** What is answered from now on, but was asked before, is not remembered. */
    void changed(long nowNanos) {
        changedNanos = nowNanos;
    }

    /** Whether what was asked then was asked after the last change that is known here. */
    boolean isNews(long askedNanos) {
        return askedNanos - changedNanos >= 0;
    }

    /**
     * Replaces what is remembered by the store's last decision.
     *
     * @param latest what it says of requests to come; null if nothing is against them
     * @param remaining permits that it left
     */
    void remember(@Nullable CachedRejection latest, long remaining, long askedNanos, long nowNanos) {
        rejection = latest;
        left = remaining;
        tookNanos = nowNanos - askedNanos;
        answeredNanos = nowNanos;
    }

    /** A request asks the store for what it left. */
    void asked(Charge charge) {
        left = Math.max(0, left - charge.cost());
    }

    long tookNanos() {
        return tookNanos;
    }

    /**
     * How long an answer is waited for that another request has asked for: three times as long as the last one took,
     * because one may be late, and the first may bring too little.
     */
    long patienceNanos() {
        return Math.min(Patience.LONGEST_NANOS, Math.max(Patience.USUAL_NANOS, 3 * tookNanos));
    }

    /** Whether the store has too little for a charge, as far as is known here. */
    boolean isUsedUp(Charge charge, long nowNanos) {
        return hasRejected(charge) || isAskedFor(charge, nowNanos);
    }

    /** Whether the store has said that a charge will not pass for a while, be that over or not. */
    private boolean hasRejected(Charge charge) {
        CachedRejection known = rejection;
        return known != null && known.cost() <= charge.cost();
    }

    /** Whether others have asked for what the store left: until their answers are due, and more has come back. */
    private boolean isAskedFor(Charge charge, long nowNanos) {
        double freshNanos = Math.max(tookNanos, Flight.backInNanos(charge));
        return left < charge.cost() && nowNanos - answeredNanos < freshNanos;
    }

    /**
     * How long a request should wait before it asks for what has just come back: a call that travels faster than the
     * one before would be there a moment too early. Half of what that one took is about its way to the store.
     */
    long earlyNanos(long nowNanos) {
        CachedRejection known = rejection;
        return known == null || !known.isDue(nowNanos) ? 0 : Math.max(0, known.dueNanos() + tookNanos / 2 - nowNanos);
    }

    /** Permits have come back: how many the store has left is not known any more. */
    void forgetRejection() {
        rejection = null;
        left = Long.MAX_VALUE;
    }

    /** Whether a rejection is remembered that time has not changed yet. */
    boolean isRejecting(long nowNanos) {
        CachedRejection known = rejection;
        return known != null && !known.isOver(nowNanos);
    }

    /**
     * The rejection of a charge, as of now; null if it may pass.
     *
     * @param here permits that are leased here
     * @param cameNanos when the request came
     */
    @Nullable Rejected rejected(Charge charge, long here, long cameNanos, long nowNanos) {
        CachedRejection known = rejection;
        return known == null ? null : known.of(charge, here, cameNanos, nowNanos);
    }
}
