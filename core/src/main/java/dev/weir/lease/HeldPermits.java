package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.OutstandingLeases;
import dev.weir.limit.Source;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The permits that a {@link Lease} has at hand: how many, by which grant of the store, and until when.
 *
 * <p>Requests {@link #spend} without a lock. All else, but for {@link #permitted}, {@link #left} and
 * {@link #hasEnded}, is called under the monitor of the lease.
 */
final class HeldPermits {

    /**
     * Of a lease's life, in tenths: one is for clocks that do not run at the same speed, the other for a late sweeper.
     */
    private static final long TENTHS_USED = 8;

    /** The longest that permits are at hand. */
    static final long LONGEST_NANOS = usedNanos(OutstandingLeases.EPOCH_MICROS);

    /** Early enough for a sweep, a round trip, and a thread that was not scheduled in time. */
    private static final long NEAR_END_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final VarHandle REFILL_AT;

    static {
        try {
            REFILL_AT = MethodHandles.lookup().findVarHandle(HeldPermits.class, "refillAt", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PermitCounter counter = new PermitCounter();

    /** With fewer permits left it is time to ask for more; 0 if that is being done, or of no use. */
    private volatile long refillAt;

    /** Nothing is spent from here on, on the monotonic clock. */
    private volatile long endNanos;

    /** The store's last decision: what it says of a limit that a lease does not know by itself. */
    private volatile @Nullable Permitted lastPermitted;

    // Under the monitor from here on.

    private final LeaseLedger ledger = new LeaseLedger(counter);
    private Grant grant = Grant.NONE;

    /** What the grant stands on, whatever is in force meanwhile; null if there is none. */
    private @Nullable LeaseBasis grantedOn;

    /** The store may know the lease, or not: it is spent, and never mentioned again. */
    private boolean isOrphan;

    /** The store had no more when it was last asked. */
    private boolean isLast;

    /**
     * Taken out of the counter because the limit may have changed: put back if it has not, and otherwise given back
     * when the new one is known, or when no request comes to learn it.
     */
    private long aside;

    /** The outcome of an attempt to spend. */
    enum Spent {
        NOTHING,
        ALL,
        ALL_AND_LOW
    }

    /** Spends a request's cost, if it is there. */
    Spent spend(long cost) {
        long left = counter.spend(cost);
        long low = refillAt;
        if (left >= low) {
            return Spent.ALL;
        }
        if (left < 0) {
            return Spent.NOTHING;
        }
        // Of all requests that find it low, one is notified.
        return REFILL_AT.compareAndSet(this, low, 0L) ? Spent.ALL_AND_LOW : Spent.ALL;
    }

    /** As {@link #spend}, by a request whose decision is reported by its caller. */
    boolean spendUncounted(long cost) {
        boolean isSpent = counter.spendUncounted(cost) != PermitCounter.REFUSED;
        if (isSpent) {
            ledger.spentUncounted(cost);
        }
        return isSpent;
    }

    boolean hasEnded(long nowNanos) {
        return nowNanos - endNanos >= 0;
    }

    /** Whether it is time to take the rest over into another lease, or to give it back. */
    boolean isNearEnd(long nowNanos) {
        return untilNearEndNanos(nowNanos) == 0;
    }

    /** How long until it {@linkplain #isNearEnd is}. */
    long untilNearEndNanos(long nowNanos) {
        return Math.max(0, endNanos - nowNanos - NEAR_END_NANOS);
    }

    /** The decision on a request whose cost was just spent here, as far as this instance knows. */
    Decision permitted() {
        Permitted last = lastPermitted;
        if (last == null) {
            throw new IllegalStateException("spent without a lease");
        }
        return last.withRemaining(last.remaining() + counter.left());
    }

    /** Permits that can be spent now. */
    long left() {
        return counter.left();
    }

    /** With those that were set aside. */
    long all() {
        return counter.left() + aside;
    }

    Grant grant() {
        return grant;
    }

    boolean isGranted() {
        return grant.permits() > 0;
    }

    @Nullable LeaseBasis grantedOn() {
        return grantedOn;
    }

    boolean isOrphan() {
        return isOrphan;
    }

    boolean isLast() {
        return isLast;
    }

    /** Notes what was done. */
    void note(LeaseUse use) {
        ledger.note(use);
    }

    LeaseUse takeUse() {
        return ledger.takeUse();
    }

    LeaseLedger.Spent count() {
        return ledger.count();
    }

    /** Nothing is spent until it is known what is in force. */
    void setAside() {
        aside += ledger.takeAll();
        refillAt = 0;
    }

    /** What was set aside is of use after all. */
    void resume(LeaseBasis inForce, boolean mayAsk) {
        ledger.putBack(aside);
        aside = 0;
        refillAt = mayAsk && !isOrphan ? low(inForce, grant.permits(), grant.permits() / 2) : 0;
    }

    /** More is asked for when half of what is here is spent. */
    void refillAtHalf(LeaseBasis inForce) {
        long left = counter.left();
        refillAt = low(inForce, left, left / 2);
    }

    /** More is being asked for. */
    void stopRefilling() {
        refillAt = 0;
    }

    /** Takes everything out, in order to give it back. */
    long takeAll() {
        long all = aside + ledger.takeAll();
        aside = 0;
        return all;
    }

    /** So many permits, taken out before, are given back by a call. */
    void giveBack(long returned) {
        ledger.note(LeaseUse.ofReturned(returned));
        ledger.note(LeaseUse.ofCall());
        drop();
    }

    /** What was set aside is lost here: the store forgets it at its time. */
    void abandon() {
        ledger.note(LeaseUse.ofExpired(aside));
        aside = 0;
        drop();
    }

    /** Notices that the grant is over. */
    void end(long nowNanos) {
        if (isGranted() && hasEnded(nowNanos)) {
            ledger.note(LeaseUse.ofExpired(takeAll()));
            drop();
        } else if (isOrphan && all() == 0) {
            drop();
        }
    }

    private void drop() {
        grant = Grant.NONE;
        grantedOn = null;
        isOrphan = false;
    }

    /** The store may have carried the lease over, or not: nothing that is said of it from here on would be safe. */
    void lost(LeaseCall call) {
        isOrphan = call.lease().permits() > 0;
    }

    /**
     * Takes what the store has granted.
     *
     * @param inForce what is in force now; null if that is not known
     * @param askedNanos from before the store was asked: the lease's time is counted from then
     */
    void take(
            LeaseCall call,
            Permitted decision,
            Grant granted,
            @Nullable LeaseBasis inForce,
            long askedNanos,
            long nowNanos) {
        isLast = granted.permits() == 0;
        if (isLast) {
            return;
        }
        LeaseBasis asked = LeaseBasis.of(call.charge(), call.version());
        long end = askedNanos + usedNanos(granted.lifeMicros());
        boolean isChanged = inForce != null && !asked.equals(inForce);
        if (isChanged || nowNanos - end >= 0) {
            lost(call);
            return;
        }
        grant = granted;
        grantedOn = asked;
        lastPermitted = decision.withRule(decision.rule().by(Source.LEASE));
        endNanos = end;
        ledger.put(granted.permits() - call.left());
        if (inForce == null) {
            aside += ledger.takeAll(); // Recalled meanwhile: whether it is of use will be known.
        } else {
            refillAt = low(inForce, granted.permits(), jittered(granted.permits() / 2, askedNanos));
        }
    }

    /** With fewer permits than {@code half} left it is time to ask for more, unless there are only a few anyway. */
    private static long low(LeaseBasis inForce, long permits, long half) {
        return permits < inForce.leastDemand() ? 0 : half;
    }

    /** How much of a lease's life is used. */
    private static long usedNanos(long lifeMicros) {
        return TimeUnit.MICROSECONDS.toNanos(lifeMicros) / 10 * TENTHS_USED;
    }

    /** A fifth more or less, by the odd nanosecond: instances that started together must not come back together. */
    private static long jittered(long permits, long askedNanos) {
        long upTo63 = askedNanos * 0x9E3779B97F4A7C15L >>> 58;
        return permits * (80 + upTo63 * 41 / 64) / 100;
    }
}
