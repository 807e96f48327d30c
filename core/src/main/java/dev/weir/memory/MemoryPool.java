package dev.weir.memory;

import dev.weir.fair.FairEvaluation;
import dev.weir.fair.FairPool;
import dev.weir.fair.FairTuning;
import dev.weir.limit.Decision;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.Reason;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseAccounting;
import dev.weir.store.LeaseCall;
import dev.weir.store.MicrosClock;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool in memory, and what its clients have used of their own limits beside it: decided under one lock. Thread-safe.
 */
final class MemoryPool implements Sweepable {

    private final FairPool shares;
    private final UsageTable states;

    MemoryPool(FairTuning tuning) {
        this(tuning, UsageTable.UNBOUNDED);
    }

    /** @param most of how many clients, times policies, the use of their own limits is kept */
    MemoryPool(FairTuning tuning, int most) {
        this(tuning, new UsageTable(most));
    }

    MemoryPool(FairTuning tuning, UsageTable states) {
        this.shares = new FairPool(tuning);
        this.states = states;
    }

    /** @param limit what all clients of the pool may take together */
    synchronized StoreReply.Decided decide(StoreRequest call, Share share, TokenBucket limit, MicrosClock clock) {
        long nowMicros = clock.nowMicros();
        String client = call.subject().id();
        Charge charge = call.charges().get(0);
        FairEvaluation judged = shares.judge(limit, client, share.weight(), charge.cost(), nowMicros);
        Limit own = charge.besidePool();
        Decision decision =
                own == null ? decide(charge, judged) : decide(client, charge, judged, own.meter(), nowMicros);
        return new StoreReply.Decided(nowMicros, List.of(decision));
    }

    private Decision decide(Charge charge, FairEvaluation judged) {
        if (!judged.permits()) {
            shares.refuse(judged);
            return refused(charge, judged);
        }
        shares.charge(judged);
        long resetAfter = judged.resetAfterMicros(judged.charged());
        return charge.ofShare(Reason.OK, false, judged.remainingAfter(), resetAfter, 0);
    }

    private Decision decide(String client, Charge charge, FairEvaluation judged, Meter own, long nowMicros) {
        String policy = charge.policy();
        State stored = states.get(policy, client);
        State advanced = own.advance(stored, nowMicros);
        long remaining = own.remaining(advanced, nowMicros);
        boolean permits = charge.cost() <= remaining;
        if (!permits || !judged.permits()) {
            keepRefused(policy, client, stored, own, nowMicros);
        }
        if (!permits) {
            return refusedByOwn(charge, own, advanced, remaining, nowMicros);
        }
        if (!judged.permits()) {
            shares.refuse(judged);
            return refused(charge, judged);
        }
        shares.charge(judged);
        State charged = own.charge(advanced, nowMicros, charge.cost());
        states.put(policy, client, charged, nowMicros);
        long left = Math.min(judged.remainingAfter(), own.remaining(charged, nowMicros));
        return charge.ofShare(Reason.OK, true, left, own.resetAfterMicros(charged, nowMicros), 0);
    }

    /** A refusal changes nothing but what a clock that was set back has left. */
    private void keepRefused(String policy, String client, @Nullable State stored, Meter own, long nowMicros) {
        if (stored != null && !stored.isBelieved(nowMicros, Exact.micros(own.period()))) {
            states.put(policy, client, stored.at(nowMicros), nowMicros);
        }
    }

    private static Decision refused(Charge charge, FairEvaluation judged) {
        long resetAfter = judged.resetAfterMicros(judged.advanced());
        return charge.ofShare(judged.reason(), false, judged.remaining(), resetAfter, judged.retryAfterMicros());
    }

    private static Decision refusedByOwn(Charge charge, Meter own, State advanced, long remaining, long nowMicros) {
        boolean never = charge.cost() > own.capacity();
        long retryAfter = never ? 0 : own.retryAfterMicros(advanced, nowMicros, charge.cost());
        long resetAfter = own.resetAfterMicros(advanced, nowMicros);
        return charge.ofShare(never ? Reason.COST_ABOVE_LIMIT : Reason.LIMIT, true, remaining, resetAfter, retryAfter);
    }

    synchronized StoreReply.Leased lease(LeaseCall call, Share share, MicrosClock clock) {
        long nowMicros = clock.nowMicros();
        TokenBucket limit = share.pool().limit();
        String client = call.subject().id();
        if (call.wanted() == 0) {
            shares.takeBack(limit, client, call.lease(), call.left(), nowMicros);
        }
        Charge charge = call.charge();
        FairEvaluation judged = shares.judge(limit, client, share.weight(), charge.cost(), nowMicros);
        if (call.wanted() == 0) {
            long resetAfter = judged.resetAfterMicros(judged.advanced());
            return new StoreReply.Leased(
                    charge.ofShare(Reason.OK, false, judged.remaining(), resetAfter, 0), Grant.NONE, 0);
        }
        if (!judged.permits()) {
            shares.refuse(judged);
            return new StoreReply.Leased(refused(charge, judged), Grant.NONE, 0);
        }
        LeaseAccounting.Lent lent = shares.lend(judged, call);
        long remaining = judged.remainingAfter() - lent.more(call);
        return new StoreReply.Leased(
                charge.ofShare(Reason.OK, false, remaining, judged.resetAfterMicros(lent.state()), 0), lent.grant(), 0);
    }

    synchronized void owe(StoreRequest owed, Share share, MicrosClock clock) {
        long nowMicros = clock.nowMicros();
        String client = owed.subject().id();
        Charge charge = owed.charges().get(0);
        Limit own = charge.besidePool();
        if (own == null) {
            shares.owe(share.pool().limit(), charge.cost(), nowMicros);
        } else {
            State advanced = own.meter().advance(states.get(charge.policy(), client), nowMicros);
            State owing = own.meter().owing(advanced, nowMicros, charge.cost());
            states.put(charge.policy(), client, owing, nowMicros);
        }
    }

    /** Charges the pool so much that at least {@code used} permits are in use of a limit. */
    synchronized void oweUpTo(TokenBucket limit, long used, MicrosClock clock) {
        shares.oweUpTo(limit, used, clock.nowMicros());
    }

    /** What a client has used of its own limit. */
    synchronized @Nullable State state(String client, String policy) {
        return states.get(policy, client);
    }

    /** @param limit what all clients of the pool could take together when it was charged */
    synchronized void giveBack(StoreRequest charged, TokenBucket limit, long atMicros, MicrosClock clock) {
        long nowMicros = clock.nowMicros();
        String client = charged.subject().id();
        Charge charge = charged.charges().get(0);
        shares.giveBack(limit, client, charge.cost(), atMicros, nowMicros);
        Limit own = charge.besidePool();
        State stored = states.get(charge.policy(), client);
        if (own != null && stored != null) {
            State left = own.meter().givenBack(stored, charge.cost(), atMicros, nowMicros);
            states.put(charge.policy(), client, left, nowMicros);
        }
    }

    /** Forgets all if the pool is empty, and of the next clients those that have had their whole own limit for long. */
    @Override
    public synchronized void sweepSlice(int entries, MicrosClock clock) {
        long nowMicros = clock.nowMicros();
        shares.sweep(nowMicros);
        states.sweep(entries, nowMicros - UsageTable.KEPT_MICROS);
    }

    @Override
    public synchronized void trim() {
        states.trim();
    }

    /** How many states take room now. */
    @Override
    public synchronized int size() {
        return shares.size() + states.size();
    }
}
