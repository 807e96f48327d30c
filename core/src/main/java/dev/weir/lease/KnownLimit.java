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
        rejection = null;
    }

    /** What is answered from now on, but was asked before, is not remembered. */
    void changed(long nowNanos) {
        changedNanos = nowNanos;
    }

    /** Whether what was asked then was asked after the last change that is known here. */
    boolean isNews(long askedNanos) {
        return askedNanos - changedNanos >= 0;
    }

    /** Replaces what is remembered by what the store's last decision says of requests to come; null if nothing. */
    void remember(@Nullable CachedRejection latest) {
        rejection = latest;
    }

    void forgetRejection() {
        rejection = null;
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
     */
    @Nullable Rejected rejected(Charge charge, long here, long nowNanos) {
        CachedRejection known = rejection;
        return known == null ? null : known.of(charge, here, nowNanos);
    }
}
