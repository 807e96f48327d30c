package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.OutstandingLeases;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.StoreReply;
import dev.weir.store.Subject;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one instance has in advance of one client's permits under one policy, and what it knows of them.
 *
 * <pre>
 *              ask              answered             spent to half, or near its end: ask for more, and carry the rest
 *   nothing --------> asking --------------> leased ---.
 *      ^  ^              |  no answer          |  ^____|
 *      |  |              v                     |
 *      |  `----------- orphan                  | not used, or near its end: give back, once
 *      |     spent to its end, and             | time is over: what is left is lost here, and the store forgets it too
 *      |     never mentioned again             |
 *      `---------------------------------------'
 * </pre>
 *
 * Requests {@link #spend} without a lock. All else is done under this object's monitor, and no thread waits for
 * anything there: what is to be sent is returned, and the answer is passed in later ({@link #answered}).
 */
final class Lease {

    /**
     * Of a lease's life, in tenths: one is for clocks that do not run at the same speed, the other for a late sweeper.
     */
    private static final long TENTHS_USED = 8;

    /** The longest that permits are at hand. */
    static final long LONGEST_NANOS = usedNanos(OutstandingLeases.EPOCH_MICROS);

    private static final long LONGEST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long FORGOTTEN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Early enough for a sweep, a round trip, and a thread that was not scheduled in time. */
    private static final long NEAR_END_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final VarHandle REFILL_AT;

    static {
        try {
            REFILL_AT = MethodHandles.lookup().findVarHandle(Lease.class, "refillAt", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Subject subject;
    private final String usage;
    private final boolean isExact;
    private final PermitCounter counter = new PermitCounter();

    /** With fewer permits left it is time to ask for more; 0 if that is being done, or of no use. */
    private volatile long refillAt;

    /** Nothing is spent from here on, on the monotonic clock. */
    private volatile long endNanos;

    /** The store's last decision: what it says of a limit that a lease does not know by itself. */
    private volatile @Nullable Permitted lastPermitted;

    private volatile @Nullable CachedRejection refusal;

    // Under the monitor from here on.

    private final LeaseLedger books = new LeaseLedger(counter);
    private final LeaseCredit credit = new LeaseCredit();
    private final DemandEstimate demand;
    private @Nullable LeaseBasis basis;
    private long confirmedNanos;
    private Grant grant = Grant.NONE;

    /** What the grant stands on, whatever is in force meanwhile; null if there is none. */
    private @Nullable LeaseBasis grantedOn;

    private @Nullable LeaseCall asking;
    private CompletableFuture<StoreReply> answer = new CompletableFuture<>();

    /** So many requests that this lease was in the way of are asked for again: nothing is leased ahead meanwhile. */
    private int yieldsTo;

    private long askingNanos;

    /** The store may know the lease, or not: it is spent, and never mentioned again. */
    private boolean isOrphan;

    /** So few permits that they may lie about until the lease ends. */
    private boolean isTrifle;

    /** The store had no more when it was last asked. */
    private boolean isLast;

    /** No request finds this lease any more: what it would ask for could not be spent. */
    private boolean isGone;

    private long usedNanos;

    /** When limits were changed last, or permits came back before their time. */
    private long changedNanos;

    /**
     * Taken out of the purse because the limit may have changed: put back if it has not, and otherwise given back when
     * the new one is known, or when no request comes to learn it.
     */
    private long aside;

    Lease(Subject subject, String usage, boolean isExact, long nowNanos) {
        this.subject = subject;
        this.usage = usage;
        this.isExact = isExact;
        this.demand = new DemandEstimate(nowNanos);
        this.usedNanos = nowNanos;
        this.changedNanos = nowNanos;
    }

    /** What became of an attempt to spend. */
    enum Spent {
        NOTHING,
        ALL,
        ALL_AND_LOW
    }

    /** Spends a request's cost, if it is there. */
    Spent spend(long cost) {
        return isExact && hasEnded(System.nanoTime()) ? Spent.NOTHING : spent(counter.spend(cost));
    }

    private Spent spent(long left) {
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

    boolean hasEnded(long nowNanos) {
        return nowNanos - endNanos >= 0;
    }

    /** The decision on a request whose cost was just spent here, as far as this instance knows. */
    Decision permitted() {
        Permitted last = lastPermitted;
        if (last == null) {
            throw new IllegalStateException("spent without a lease");
        }
        return last.withRemaining(last.remaining() + counter.left());
    }

    /**
     * Whether a request goes by the limit and the version that the store has confirmed. If not, what is here is of no
     * use to it, until the store has said which of the two is in force.
     */
    synchronized boolean serves(LeaseBasis asked, long nowNanos) {
        if (!asked.equals(basis)) {
            stop(nowNanos);
            return false;
        }
        return true;
    }

    /** The decision on a request, if it can be made here; null if not. */
    synchronized @Nullable Decision decide(Charge charge, long callVersion, long nowNanos) {
        if (!LeaseBasis.of(charge, callVersion).equals(basis)) {
            return null;
        }
        confirmedNanos = nowNanos;
        Decision permitted = permit(charge, callVersion, nowNanos);
        if (permitted != null) {
            return permitted;
        }
        CachedRejection known = refusal;
        Rejected rejected = known == null ? null : known.of(charge, counter.left(), nowNanos);
        if (rejected != null) {
            books.note(LeaseUse.ofRefusal());
        }
        return rejected;
    }

    /**
     * The decision on a request, if its cost can be spent here; null if not. It is not counted as a use of the lease.
     */
    synchronized @Nullable Decision permit(Charge charge, long callVersion, long nowNanos) {
        boolean isHere = LeaseBasis.of(charge, callVersion).equals(basis) && !hasEnded(nowNanos);
        if (!isHere || counter.spendUncounted(charge.cost()) == PermitCounter.REFUSED) {
            return null;
        }
        books.spentUncounted(charge.cost());
        return permitted();
    }

    /**
     * Goes over to what was in force when the store was asked. A lease that stands on the same goes on; nothing changes
     * if something else has been announced since.
     *
     * @return the call that returns what is left of a lease on something else, or null
     */
    synchronized @Nullable LeaseCall comeUnder(LeaseBasis inForce, long askedNanos, long nowNanos) {
        if (inForce.equals(basis) || !isNews(askedNanos)) {
            return null;
        }
        stop(nowNanos);
        end(nowNanos);
        basis = inForce;
        confirmedNanos = nowNanos;
        if (inForce.equals(grantedOn)) {
            resume(inForce);
            return null;
        }
        boolean canReturn = grant.permits() > 0 && asking == null && !isOrphan;
        if (canReturn) {
            credit.use();
        }
        LeaseCall back = canReturn ? back(inForce, aside) : null;
        if (!canReturn) {
            books.note(LeaseUse.ofExpired(aside));
        }
        aside = 0;
        drop();
        return back;
    }

    private void resume(LeaseBasis inForce) {
        books.putBack(aside);
        aside = 0;
        refillAt = asking == null && !isOrphan ? low(inForce, grant.permits(), grant.permits() / 2) : 0;
    }

    /** There is no lease any more. */
    private void drop() {
        grant = Grant.NONE;
        grantedOn = null;
        isOrphan = false;
    }

    /**
     * Stops spending and forgets what was refused: the limit was changed, and its new numbers are not known here yet.
     */
    synchronized void recall(long nowNanos) {
        stop(nowNanos);
        changedNanos = nowNanos;
    }

    private void stop(long nowNanos) {
        count(nowNanos);
        aside += books.takeAll();
        basis = null;
        refusal = null;
        refillAt = 0;
    }

    /**
     * What to ask the store when a request is waiting, or, with a cost of 0, when more will be needed soon; null if it
     * is not worth a lease. To be answered by {@link #answered}.
     *
     * @param most the most permits that this instance may hold
     */
    synchronized @Nullable LeaseCall ask(long cost, long most, long nowNanos) {
        count(nowNanos);
        if (cost > 0) {
            demand.add(cost, 1);
            usedNanos = nowNanos;
        }
        end(nowNanos);
        LeaseBasis inForce = basis;
        if (inForce == null || asking != null || isOrphan || isGone || cost == 0 && isFutile(inForce, nowNanos)) {
            return null;
        }
        long left = counter.left();
        DemandEstimate.Need need = demand.need(inForce, most, nowNanos);
        if (need.permits() <= left) {
            refillAt = low(inForce, left, left / 2);
            return null;
        }
        if (!pays(cost, need, nowNanos)) {
            return null;
        }
        isTrifle = need.isTrifle();
        refillAt = 0;
        askingNanos = nowNanos;
        asking = inForce.call(subject, usage, cost, Math.min(LeaseCall.MOST, need.permits() - left), grant, left);
        answer = new CompletableFuture<>();
        return asking;
    }

    /**
     * Where the answer of a call that was {@linkplain #ask asked for} has to go, for those that {@linkplain #underWay
     * wait} for it.
     */
    synchronized CompletableFuture<StoreReply> answerOf(LeaseCall call) {
        return call == asking ? answer : new CompletableFuture<>();
    }

    /** Completes when no call is under way that may bring permits, or take along those that are here. */
    synchronized CompletableFuture<?> underWay() {
        return asking == null ? CompletableFuture.completedFuture(null) : answer;
    }

    /** Whether the calls that follow are paid for: this one, if no request waits for it, and one to give back. */
    private boolean pays(long cost, DemandEstimate.Need need, long nowNanos) {
        if (cost == 0) {
            boolean isPaid = credit.has(2);
            if (isPaid) {
                credit.use();
            }
            return isPaid;
        }
        long untilNanos = nowNanos + (need.isTrifle() ? LONGEST_NANOS : DemandEstimate.HORIZON_NANOS);
        return grant.permits() > 0 || credit.has(1) || credit.wouldPay(cost, need.permits(), nowNanos, untilNanos);
    }

    /**
     * Whether nothing should be asked for ahead of a request: no request has come for long, its share is known to be
     * used up, or another request needs what would be leased.
     */
    private boolean isFutile(LeaseBasis inForce, long nowNanos) {
        CachedRejection known = refusal;
        boolean isUsedUp = inForce.share() != null && known != null && !known.isOver(nowNanos);
        return yieldsTo > 0 || isUsedUp || nowNanos - confirmedNanos >= inForce.confirmedNanos();
    }

    /**
     * What the store answered.
     *
     * @param answer null if it did not
     * @param askedNanos from before it was asked: the lease's time is counted from then
     */
    synchronized void answered(LeaseCall call, @Nullable StoreReply answer, long askedNanos, long nowNanos) {
        end(nowNanos); // Or what is over would come to life again.
        if (call != asking) {
            return; // Given up in the meantime.
        }
        asking = null;
        books.note(LeaseUse.ofCall());
        if (answer instanceof StoreReply.Leased leased) {
            answered(leased.decision(), call.cost(), leased.againAfterMicros(), askedNanos, nowNanos);
            if (leased.decision() instanceof Permitted permitted) {
                take(call, permitted, leased.grant(), askedNanos, nowNanos);
            }
        } else if (answer instanceof StoreReply.Outdated) {
            stop(nowNanos);
        } else {
            lost(call);
        }
    }

    /** The store may have carried the lease over, or not: nothing that is said of it from here on would be safe. */
    private void lost(LeaseCall call) {
        isOrphan = call.lease().permits() > 0;
    }

    private void take(LeaseCall call, Permitted decision, Grant granted, long askedNanos, long nowNanos) {
        isLast = granted.permits() == 0;
        if (isLast) {
            return;
        }
        LeaseBasis inForce = basis;
        LeaseBasis asked = LeaseBasis.of(call.charge(), call.version());
        long end = askedNanos + usedNanos(granted.lifeMicros());
        boolean isChanged = inForce != null && !asked.equals(inForce);
        if (isChanged || nowNanos - end >= 0) {
            lost(call);
            return;
        }
        grant = granted;
        grantedOn = asked;
        lastPermitted = decision;
        endNanos = end;
        books.put(granted.permits() - call.left());
        if (inForce == null) {
            aside += books.takeAll(); // Recalled meanwhile: whether it is of use will be known.
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

    /** Remembers what the store's decision says of requests to come. */
    synchronized void answered(Decision decision, long cost, long againAfterMicros, long askedNanos, long nowNanos) {
        LeaseBasis inForce = basis;
        if (inForce != null && isNews(askedNanos)) {
            refusal = CachedRejection.of(
                    inForce, demand.isHigh(inForce, nowNanos), decision, cost, againAfterMicros, askedNanos);
        }
    }

    /** What was refused is worth another try, and so is what is answered later but was asked before. */
    synchronized void forgetRefusal(long nowNanos) {
        refusal = null;
        changedNanos = nowNanos;
    }

    /** Whether what was asked then was asked after the last change that is known here. */
    synchronized boolean isNews(long askedNanos) {
        return askedNanos - changedNanos >= 0;
    }

    /**
     * Looks after the lease from time to time.
     *
     * @param most as in {@link #ask}
     * @return what to send to the store, or null: that more is needed, to be answered by {@link #answered}; or what is
     *     left of a lease that is no longer used
     */
    synchronized @Nullable LeaseCall tend(long most, long nowNanos) {
        count(nowNanos);
        end(nowNanos);
        if (grant.permits() == 0 || asking != null || isOrphan) {
            return null;
        }
        if (endNanos - nowNanos > NEAR_END_NANOS) {
            return isTrifle || nowNanos - usedNanos < idleNanos() ? null : giveBackIfPaid(nowNanos);
        }
        LeaseCall more = isLast ? null : ask(0, most, nowNanos);
        return more == null ? giveBackIfPaid(nowNanos) : more;
    }

    /** From a pool in any case: what lies about there is missing in the others' shares. */
    private @Nullable LeaseCall giveBackIfPaid(long nowNanos) {
        boolean isOfPool = grantedOn != null && grantedOn.share() != null;
        return isOfPool || credit.has(1) ? giveBack(nowNanos) : null;
    }

    /**
     * A call for a request was of no use: it is sent again, because this lease was in its way, or is served from here
     * after all.
     */
    synchronized void hasWastedACall() {
        credit.use();
    }

    /**
     * A request is asked for again, because this lease was in its way: until {@link #endYielding}, nothing is leased
     * ahead.
     */
    synchronized void beginYielding() {
        yieldsTo++;
    }

    synchronized void endYielding() {
        yieldsTo--;
    }

    private long idleNanos() {
        LeaseBasis leased = grantedOn;
        return leased == null ? 0 : leased.idleNanos();
    }

    /** The call that returns what is left here, so that others can use it; null if nothing can be returned. */
    synchronized @Nullable LeaseCall giveBack(long nowNanos) {
        LeaseBasis leased = grantedOn;
        if (leased == null || asking != null || isOrphan) {
            return null;
        }
        count(nowNanos);
        credit.use();
        LeaseCall back = back(leased, aside + books.takeAll());
        aside = 0;
        drop();
        refusal = null;
        refillAt = 0;
        return back;
    }

    private LeaseCall back(LeaseBasis on, long left) {
        books.note(LeaseUse.ofReturned(left));
        books.note(LeaseUse.ofCall());
        return on.call(subject, usage, 0, 0, grant, left);
    }

    /** Notices that the lease is over, or that an answer will not come any more. */
    private void end(long nowNanos) {
        LeaseCall unanswered = asking;
        if (unanswered != null && nowNanos - askingNanos > LONGEST_ANSWER_NANOS) {
            asking = null;
            lost(unanswered);
        }
        if (grant.permits() > 0 && hasEnded(nowNanos)) {
            books.note(LeaseUse.ofExpired(aside + books.takeAll()));
            aside = 0;
            drop();
        } else if (isOrphan && counter.left() + aside == 0) {
            drop();
        }
    }

    private void count(long nowNanos) {
        LeaseLedger.Spent spent = books.count();
        if (spent.permits() > 0) {
            demand.add(spent.permits(), spent.requests());
            credit.add(spent.requests());
            usedNanos = nowNanos;
        }
    }

    /** What was done since this was last asked. */
    synchronized LeaseUse takeUse() {
        return books.takeUse();
    }

    /** Whether there is nothing left to know: then nothing will be leased here any more. */
    synchronized boolean isForgotten(long nowNanos) {
        CachedRejection known = refusal;
        isGone = grant.permits() == 0
                && asking == null
                && nowNanos - usedNanos > FORGOTTEN_NANOS
                && (known == null || known.isOver(nowNanos));
        return isGone;
    }

    /** Permits that can be spent now. */
    long left() {
        return counter.left();
    }

    Subject subject() {
        return subject;
    }

    String usage() {
        return usage;
    }

    /** What the lease stands on; null if that was changed. */
    synchronized @Nullable LeaseBasis basis() {
        return basis;
    }

    /** Whether there is something to look after. */
    synchronized boolean isLeased() {
        return grant.permits() > 0 || asking != null;
    }
}
