package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.StoreReply;
import dev.weir.store.Subject;
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
 * anything there: what is to be sent is returned, and the answer is passed in later ({@link #answered}, {@link
 * #returned}). What is given back is on its way for a while, whatever is asked for meanwhile: {@link PendingReturns}.
 * The permits themselves are {@link HeldPermits}; {@link KnownLimit} is what they stand on; {@link LeaseWorth} knows
 * whether a call for more is worth it. The steps of the protocol stay together in this one class, long as it is: each
 * is an arrow of the picture, and each holds the monitor.
 */
final class Lease {

    private static final long FORGOTTEN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Subject subject;
    private final String usage;
    private final HeldPermits held = new HeldPermits();

    // Under the monitor from here on.

    private final KnownLimit known;
    private final LeaseWorth worth;
    private final PendingReturns returns;
    private @Nullable PendingCall pending;

    /** The request that asks for all, while the limit is known to be used up. */
    private @Nullable Flight flight;

    /** So many requests that this lease was in the way of are asked for again: nothing is leased ahead meanwhile. */
    private int yieldsTo;

    /** So few permits that they may lie about until the lease ends. */
    private boolean isTrifle;

    /** No request finds this lease any more: what it would ask for could not be spent. */
    private boolean isGone;

    /** The next lease in a list of {@link LeaseRounds}, which owns this: the monitor does not guard it. */
    private @Nullable Lease linked;

    Lease(Subject subject, String usage, long nowNanos) {
        this.subject = subject;
        this.usage = usage;
        this.known = new KnownLimit(nowNanos);
        this.worth = new LeaseWorth(nowNanos);
        this.returns = new PendingReturns(nowNanos);
    }

    /** Spends a request's cost, if it is there. */
    HeldPermits.Spent spend(long cost) {
        return held.spend(cost);
    }

    /** As {@link #spend}, unless the lease has ended: {@link Leasing#EXACT}. */
    HeldPermits.Spent spend(long cost, long nowNanos) {
        return held.hasEnded(nowNanos) ? HeldPermits.Spent.NOTHING : held.spend(cost);
    }

    boolean hasEnded(long nowNanos) {
        return held.hasEnded(nowNanos);
    }

    /** The decision on a request whose cost was just spent here, as far as this instance knows. */
    Decision permitted() {
        return held.permitted();
    }

    /**
     * Whether a request goes by the limit and the version that the store has confirmed. If not, what is here is of no
     * use to it, until the store has said which of the two is in force.
     */
    synchronized boolean serves(LeaseBasis asked, long nowNanos) {
        if (known.isInForce(asked)) {
            return true;
        }
        stop(nowNanos);
        return false;
    }

    /** The decision on a request that comes now, if it can be made here; null if not. */
    @Nullable Decision decide(Charge charge, long callVersion, long nowNanos) {
        return decide(charge, callVersion, nowNanos, nowNanos);
    }

    /**
     * The decision on a request, if it can be made here; null if not.
     *
     * @param cameNanos when it came: it is refused if that was right then, or at some moment since
     */
    synchronized @Nullable Decision decide(Charge charge, long callVersion, long cameNanos, long nowNanos) {
        if (!known.isInForce(LeaseBasis.of(charge, callVersion))) {
            return null;
        }
        known.confirm(nowNanos);
        Decision permitted = permit(charge, callVersion, nowNanos);
        if (permitted != null) {
            return permitted;
        }
        Rejected rejected = known.rejected(charge, held.left(), cameNanos, nowNanos);
        if (rejected != null) {
            held.note(LeaseUse.ofRefusal());
        }
        return rejected;
    }

    /**
     * The decision on a request, if its cost can be spent here; null if not. It is not counted as a use of the lease.
     */
    synchronized @Nullable Decision permit(Charge charge, long callVersion, long nowNanos) {
        boolean isHere = known.isInForce(LeaseBasis.of(charge, callVersion)) && !held.hasEnded(nowNanos);
        return isHere && held.spendUncounted(charge.cost()) ? held.permitted() : null;
    }

    /**
     * Goes over to what was in force when the store was asked. A lease that stands on the same goes on; nothing changes
     * if something else has been announced since.
     *
     * @return the call that returns what is left of a lease on something else, to be answered by {@link #returned}; or
     *     null
     */
    synchronized @Nullable LeaseCall comeUnder(LeaseBasis inForce, long askedNanos, long nowNanos) {
        if (known.isInForce(inForce) || !known.isNews(askedNanos)) {
            return null;
        }
        stop(nowNanos);
        end(nowNanos);
        known.put(inForce, nowNanos);
        if (inForce.equals(held.grantedOn())) {
            held.resume(inForce, pending == null);
            return null;
        }
        if (held.isGranted() && pending == null && !held.isOrphan()) {
            worth.use();
            return back(inForce, nowNanos);
        }
        held.abandon();
        return null;
    }

    /**
     * Stops spending and forgets what was refused: the limit was changed, and its new numbers are not known here yet.
     */
    synchronized void recall(long nowNanos) {
        stop(nowNanos);
        known.changed(nowNanos);
    }

    private void stop(long nowNanos) {
        count(nowNanos);
        held.setAside();
        known.forget();
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
            worth.requested(cost, nowNanos);
        }
        end(nowNanos);
        LeaseBasis inForce = known.inForce();
        boolean canAsk = inForce != null && pending == null && !held.isOrphan() && !isGone;
        if (inForce == null || !canAsk || cost == 0 && isFutile(inForce, nowNanos)) {
            return null;
        }
        DemandEstimate.Need need = worth.need(inForce, most, nowNanos);
        long left = held.left();
        if (need.permits() <= left) {
            held.refillAtHalf(inForce);
            return null;
        }
        if (!worth.pays(cost, need, held.isGranted(), nowNanos)) {
            return null;
        }
        isTrifle = need.isTrifle();
        held.stopRefilling();
        long wanted = Math.min(LeaseCall.MOST, need.permits() - left);
        LeaseCall call = inForce.call(subject, usage, cost, wanted, held.grant(), left);
        pending = new PendingCall(call, nowNanos);
        return call;
    }

    /**
     * Where the answer of a call that was {@linkplain #ask asked for} has to go, for those that {@linkplain #underWay
     * wait} for it.
     */
    synchronized CompletableFuture<StoreReply> answerOf(LeaseCall call) {
        PendingCall unanswered = pending;
        return unanswered != null && unanswered.call() == call ? unanswered.answer() : new CompletableFuture<>();
    }

    /** Completes when no call is under way that may bring permits, take along those that are here, or return some. */
    synchronized CompletableFuture<?> underWay() {
        PendingCall unanswered = pending;
        return unanswered == null ? returns.arrival() : CompletableFuture.allOf(unanswered.answer(), returns.arrival());
    }

    /** Whether the store may have refused what was asked then because of what is leased here, or was until now. */
    synchronized boolean isInTheWay(long askedNanos) {
        return isLeased() || hasReturnedSince(askedNanos);
    }

    /** Whether the store may have refused what was asked then, and would not now, because permits have come back. */
    synchronized boolean hasReturnedSince(long askedNanos) {
        return returns.haveArrivedSince(askedNanos);
    }

    /**
     * The store has answered a call that returned permits, or will not: what was refused without them is worth another
     * try.
     *
     * @return what to complete now, without the monitor; null if nothing
     */
    synchronized @Nullable CompletableFuture<@Nullable Void> returned(long nowNanos) {
        forgetRefusal(nowNanos);
        return returns.arrived(nowNanos);
    }

    /**
     * Whether nothing should be asked for ahead of a request: no request has come for long, its share is known to be
     * used up, or another request needs what would be leased.
     */
    private boolean isFutile(LeaseBasis inForce, long nowNanos) {
        boolean isUsedUp = inForce.share() != null && known.isRejecting(nowNanos);
        return yieldsTo > 0 || isUsedUp || known.unconfirmedNanos(nowNanos) >= inForce.confirmedNanos();
    }

    /**
     * What the store answered.
     *
     * @param answer null if it did not
     * @param askedNanos from before it was asked: the lease's time is counted from then
     */
    synchronized void answered(LeaseCall call, @Nullable StoreReply answer, long askedNanos, long nowNanos) {
        end(nowNanos); // Or what is over would come to life again.
        if (pending == null || pending.call() != call) {
            return; // Given up in the meantime.
        }
        pending = null;
        held.note(LeaseUse.ofCall());
        if (answer instanceof StoreReply.Leased leased) {
            answered(leased.decision(), call.cost(), leased.againAfterMicros(), askedNanos, nowNanos);
            if (leased.decision() instanceof Permitted permitted) {
                held.take(call, permitted, leased.grant(), known.inForce(), askedNanos, nowNanos);
            }
        } else if (answer instanceof StoreReply.Outdated) {
            stop(nowNanos);
        } else {
            held.lost(call);
        }
    }

    /** Remembers what the store's decision says of requests to come, unless it will change when permits are back. */
    synchronized void answered(Decision decision, long cost, long againAfterMicros, long askedNanos, long nowNanos) {
        LeaseBasis inForce = known.inForce();
        if (inForce != null && known.isNews(askedNanos) && returns.isEmpty()) {
            CachedRejection latest = CachedRejection.of(
                    inForce, worth.isHigh(inForce, nowNanos), decision, cost, againAfterMicros, askedNanos);
            known.remember(latest, decision.remaining(), askedNanos, nowNanos);
        }
    }

    /** Whether a request goes by the limit that is known here. */
    synchronized boolean isFor(Charge charge, long callVersion) {
        return known.isInForce(LeaseBasis.of(charge, callVersion));
    }

    /**
     * Makes a request one that asks the store without regard to others, if as much is left there, as far as is known
     * here.
     *
     * @return whether it asks
     */
    synchronized boolean asksForLeft(Charge charge, long callVersion, long nowNanos) {
        boolean isLeft = known.isInForce(LeaseBasis.of(charge, callVersion)) && !known.isUsedUp(charge, nowNanos);
        if (isLeft) {
            known.asked(charge);
        }
        return isLeft;
    }

    /** How long the store's last answer took. */
    synchronized long tookNanos() {
        return known.tookNanos();
    }

    /** How long a request waits for what others have asked. */
    synchronized long patienceNanos() {
        return known.patienceNanos();
    }

    /** A call for a request that could be the one that asks for all: see {@link KnownLimit#earlyNanos}. */
    synchronized Flight flight(Charge charge, long nowNanos) {
        return new Flight(charge.cost(), nowNanos + known.earlyNanos(nowNanos));
    }

    /**
     * Makes a request the one that asks for all, unless another one is asking.
     *
     * @param own its call
     * @return completes when that other one's answer is known here; null if the request has to ask
     */
    synchronized @Nullable CompletableFuture<?> awaitOrAsk(Flight own, Charge charge, long nowNanos) {
        PendingCall bringing = pending;
        if (bringing != null && bringing.concerns(charge, known.patienceNanos(), nowNanos)) {
            return bringing.answer();
        }
        Flight other = flight;
        if (other != null && other.concerns(charge, known.patienceNanos(), nowNanos)) {
            return other.landed();
        }
        flight = own;
        return null;
    }

    /** What a request has asked for is known here, or will not be. */
    void landed(Flight landed) {
        synchronized (this) {
            flight = flight == landed ? null : flight;
        }
        landed.landed().complete(null);
    }

    /** What was refused is worth another try, and so is what is answered later but was asked before. */
    synchronized void forgetRefusal(long nowNanos) {
        known.forgetRejection();
        known.changed(nowNanos);
    }

    /**
     * Looks after the lease from time to time.
     *
     * @param most as in {@link #ask}
     * @return what to send to the store, or null: that more is needed, to be answered by {@link #answered}; or what is
     *     left of a lease that is no longer used, to be answered by {@link #returned}
     */
    synchronized @Nullable LeaseCall tend(long most, long nowNanos) {
        count(nowNanos);
        end(nowNanos);
        if (!held.isGranted() || pending != null || held.isOrphan()) {
            return null;
        }
        if (!held.isNearEnd(nowNanos)) {
            return isTrifle || worth.unusedNanos(nowNanos) < idleNanos() ? null : giveBackIfPaid(nowNanos);
        }
        LeaseCall more = held.isLast() ? null : ask(0, most, nowNanos);
        return more == null ? giveBackIfPaid(nowNanos) : more;
    }

    /**
     * For how long there is nothing to {@link #tend} if no request comes: a few permits lie about until they are near
     * their end.
     */
    synchronized long untilDueNanos(long nowNanos) {
        boolean isResting = isTrifle && held.isGranted() && !held.isOrphan() && pending == null && returns.isEmpty();
        return isResting ? held.untilNearEndNanos(nowNanos) : 0;
    }

    private long idleNanos() {
        LeaseBasis leased = held.grantedOn();
        return leased == null ? 0 : leased.idleNanos();
    }

    /** From a pool in any case: what lies about there is missing in the others' shares. */
    private @Nullable LeaseCall giveBackIfPaid(long nowNanos) {
        LeaseBasis leased = held.grantedOn();
        boolean isOfPool = leased != null && leased.share() != null;
        return isOfPool || worth.paysToGiveBack() ? giveBack(nowNanos) : null;
    }

    /**
     * A call for a request was of no use: it is sent again, because this lease was in its way, or is served from here
     * after all.
     */
    synchronized void hasWastedACall() {
        worth.use();
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

    /**
     * The call that returns what is left here, so that others can use it, to be answered by {@link #returned}; null if
     * nothing can be returned.
     */
    synchronized @Nullable LeaseCall giveBack(long nowNanos) {
        LeaseBasis leased = held.grantedOn();
        if (leased == null || pending != null || held.isOrphan()) {
            return null;
        }
        count(nowNanos);
        worth.use();
        LeaseCall back = back(leased, nowNanos);
        held.stopRefilling();
        known.forgetRejection();
        return back;
    }

    private LeaseCall back(LeaseBasis on, long nowNanos) {
        long all = held.takeAll();
        LeaseCall back = on.call(subject, usage, 0, 0, held.grant(), all);
        held.giveBack(all);
        returns.add(nowNanos);
        return back;
    }

    /** Notices that the lease is over, or that an answer will not come any more. */
    private void end(long nowNanos) {
        PendingCall unanswered = pending;
        if (unanswered != null && unanswered.isOverdue(nowNanos)) {
            pending = null;
            held.lost(unanswered.call());
        }
        returns.giveUp(nowNanos);
        held.end(nowNanos);
    }

    private void count(long nowNanos) {
        worth.spent(held.count(), nowNanos);
    }

    /** What was done since this was last asked. */
    synchronized LeaseUse takeUse() {
        return held.takeUse();
    }

    /** Whether there is nothing left to know: then nothing will be leased here any more. */
    synchronized boolean isForgotten(long nowNanos) {
        isGone = !isLeased() && worth.unusedNanos(nowNanos) > FORGOTTEN_NANOS && !known.isRejecting(nowNanos);
        return isGone;
    }

    /** Whether permits are here, of use or set aside. */
    synchronized boolean hasPermits() {
        return held.all() > 0;
    }

    /** For {@link LeaseRounds}. */
    void linkTo(@Nullable Lease other) {
        linked = other;
    }

    /** For {@link LeaseRounds}. */
    @Nullable Lease linked() {
        return linked;
    }

    Subject subject() {
        return subject;
    }

    String usage() {
        return usage;
    }

    /** What the lease stands on; null if that was changed. */
    synchronized @Nullable LeaseBasis basis() {
        return known.inForce();
    }

    /** Whether there is something to look after. */
    synchronized boolean isLeased() {
        return held.isGranted() || pending != null || !returns.isEmpty();
    }
}
