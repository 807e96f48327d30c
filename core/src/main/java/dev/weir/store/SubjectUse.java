package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Reason;
import dev.weir.limit.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a store in Java keeps of one subject, open for one call at one moment: a store says how states are read and
 * written, and has a call decided in whole. Nothing else may write the subject's states meanwhile: a store holds a
 * lock, or works on a {@link Draft} that it puts in place by compare-and-swap.
 *
 * <p>The versions of overrides are compared before, by the store. Pools are kept elsewhere.
 */
public interface SubjectUse {

    /** What the store's clock shows: read under the lock, or after the states, so that times are in order. */
    long nowMicros();

    /** What is kept under a name; null if nothing is. */
    @Nullable State get(String usage);

    /** Keeps a state, at least until {@link State#emptyAtMicros}. */
    void put(String usage, State state);

    /**
     * Decides the charges of one request, as {@link Store#tryAcquire} says.
     *
     * @param callers the caller's timestamp; null if it has none
     * @param clock the store's, to say how far the wall clock, from which the caller has its timestamp, is ahead of it
     */
    default StoreReply.Decided decide(List<Charge> charges, @Nullable Timestamp callers, MicrosClock clock) {
        Timestamp timestamp = callers == null ? null : callers.onClockBehind(clock.wallAheadMicros());
        Reason outside = timestamp == null ? null : timestamp.outside(nowMicros());
        if (timestamp != null && outside != null) {
            return new StoreReply.Decided(
                    nowMicros(),
                    charges.stream()
                            .map(charge -> judge(charge, null).outside(timestamp, outside))
                            .toList());
        }
        List<Evaluation> judgements = new ArrayList<>(charges.size());
        boolean permitted = true;
        for (Charge charge : charges) {
            Evaluation judgement = judge(charge, timestamp);
            judgements.add(judgement);
            permitted &= judgement.permits();
        }
        List<Decision> decisions = new ArrayList<>(charges.size());
        long againAfterMicros = 0;
        for (Evaluation judgement : judgements) {
            decisions.add(settle(judgement, permitted));
            long againAfter = permitted ? judgement.againAfterMicros(judgement.charged()) : 0;
            againAfterMicros = Math.max(againAfterMicros, againAfter);
        }
        return new StoreReply.Decided(nowMicros(), decisions, againAfterMicros);
    }

    /** Decides the only charge of a request without a timestamp. */
    default Decision decide(Charge charge) {
        Evaluation judgement = judge(charge, null);
        return settle(judgement, judgement.permits());
    }

    /** Decides a charge and lends permits, or takes a lease back, as {@link Store#lease} says. */
    default StoreReply.Leased lease(LeaseCall call) {
        Evaluation judgement = judge(call.charge(), null);
        if (!judgement.permits()) {
            putRefused(judgement);
            return new StoreReply.Leased(judgement.refused(), Grant.NONE, 0);
        }
        if (call.wanted() == 0) {
            return leased(judgement, returned(call, judgement), Grant.NONE);
        }
        LeaseAccounting.Lent lent = lent(call, judgement);
        if (call.cost() > 0 || lent.grant().permits() > 0) {
            put(call.usage(), judgement.kept(lent.state()));
        } else {
            putRefused(judgement);
        }
        return leased(judgement, lent.state(), lent.grant());
    }

    /**
     * Gives back what was charged, as {@link Store#giveBack} says.
     *
     * @param atMicros when it was charged
     */
    default void giveBack(List<Charge> charges, long atMicros) {
        for (Charge charge : charges) {
            State stored = get(charge.policy());
            if (stored != null) {
                State left = charge.limit().meter().givenBack(stored, charge.cost(), atMicros, nowMicros());
                put(charge.policy(), left);
            }
        }
    }

    /** Charges what was admitted elsewhere, as {@link Store#owe} says. */
    default void owe(List<Charge> charges) {
        for (Charge charge : charges) {
            Evaluation judgement = judge(charge, null);
            State owing = judgement.owing();
            if (!owing.isEmpty()) {
                put(charge.policy(), judgement.kept(owing));
            }
        }
    }

    private Evaluation judge(Charge charge, @Nullable Timestamp at) {
        return Evaluation.of(charge, get(charge.policy()), at, nowMicros());
    }

    /** @param permitted whether all charges of the request can be made */
    private Decision settle(Evaluation judgement, boolean permitted) {
        if (!permitted) {
            putRefused(judgement);
            return judgement.refused();
        }
        State charged = judgement.charged();
        put(judgement.charge().policy(), judgement.kept(charged));
        return judgement.permitted(charged);
    }

    private void putRefused(Evaluation judgement) {
        State refused = judgement.refusedTo();
        if (refused != null) {
            put(judgement.charge().policy(), judgement.kept(refused));
        }
    }

    /** What is left once a lease has been given back. */
    private State returned(LeaseCall call, Evaluation judgement) {
        State uncharged = judgement.uncharged();
        if (uncharged == null) {
            return judgement.advanced();
        }
        State returned = LeaseAccounting.returned(uncharged, call.lease(), call.left());
        if (!judgement.saysSoByItself(returned)) {
            put(call.usage(), judgement.kept(returned));
        }
        return returned;
    }

    /** A client that gives timestamps has no use for a lease. */
    private static LeaseAccounting.Lent lent(LeaseCall call, Evaluation judgement) {
        return judgement.isStamped()
                ? new LeaseAccounting.Lent(judgement.charged(), Grant.NONE)
                : LeaseAccounting.lend(call, judgement.charged(), judgement.nowMicros());
    }

    private static StoreReply.Leased leased(Evaluation judgement, State state, Grant grant) {
        return new StoreReply.Leased(judgement.permitted(state), grant, judgement.againAfterMicros(state));
    }

    /** A copy to write on, for a store that puts what comes of it in place by compare-and-swap. Not thread-safe. */
    final class Draft implements SubjectUse {

        private final Map<String, State> states;
        private final long nowMicros;

        /** @param kept the states that are kept, by usage; it stays as it is */
        public Draft(Map<String, State> kept, long nowMicros) {
            states = new HashMap<>(kept);
            this.nowMicros = nowMicros;
        }

        @Override
        public long nowMicros() {
            return nowMicros;
        }

        @Override
        public @Nullable State get(String usage) {
            return states.get(usage);
        }

        @Override
        public void put(String usage, State state) {
            states.put(usage, state);
        }

        /** What is to be kept from now on: not what is over. Immutable. */
        public Map<String, State> states() {
            states.values().removeIf(state -> state.emptyAtMicros() <= nowMicros);
            return Map.copyOf(states);
        }
    }
}
