package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Exact;
import dev.weir.limit.Reason;
import dev.weir.limit.StampedState;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucketState;
import org.jspecify.annotations.Nullable;

/**
 * A charge, judged by what the store keeps, at the time that counts for it.
 *
 * <h2>Which time counts?</h2>
 *
 * Mostly the store's clock. A caller's timestamp counts instead of it, but a state never goes back in time: a request
 * of an earlier moment than the state's is judged at the state's. So the times of all requests that one state has
 * judged never decrease, and measured in them the limit's promise holds exactly.
 *
 * <p>A timestamp may be ahead of the clock, and with it the state. Then the requests that follow are judged at the
 * state's time too, with a timestamp or without: to take it back to the clock would give the time in between a second
 * time. That must be distinguished from a clock that was put back, where the opposite holds: no request may wait for as
 * long as two clocks differ. So a state remembers whether a timestamp has ever moved it ({@link StampedState}).
 *
 * <p>And such a state must not be forgotten as soon as it is empty by the clock: an older timestamp, still allowed,
 * would find a whole limit again. It counts until no such timestamp is allowed any more.
 *
 * @param stored what is kept; null if nothing is that counts
 * @param keptMicros how much longer than until it is empty the state counts, if timestamps have moved it; else 0
 * @param clockMicros what the store's clock shows
 * @param askedMicros the time from which the caller counts: its timestamp, else the clock
 * @param nowMicros the time that counts
 * @param advanced what is used by then
 */
public record Evaluation(
        Charge charge,
        @Nullable State stored,
        long keptMicros,
        long clockMicros,
        long askedMicros,
        long nowMicros,
        State advanced) {

    /** @param at the caller's timestamp, if the request has one, which is not too far from the clock */
    public static Evaluation of(Charge charge, @Nullable State stored, @Nullable Timestamp at, long clockMicros) {
        if (at == null && !(stored instanceof StampedState)) {
            return at(clockMicros, clockMicros, charge, stored, 0, clockMicros);
        }
        long askedMicros = at == null ? clockMicros : at.atMicros();
        long keptMicros = at == null ? 0 : at.keptMicros();
        // A state that is over may be forgotten at any moment: whether it has been must make no difference.
        if (stored == null || stored.emptyAtMicros() <= clockMicros) {
            return at(askedMicros, askedMicros, charge, null, keptMicros, clockMicros);
        }
        long aheadMicros = stored.atMicros() - clockMicros;
        boolean believed =
                stored.isBelieved(clockMicros, Exact.micros(charge.limit().period()));
        State state = stored;
        if (stored instanceof StampedState stamped) {
            believed |= Timestamp.explains(aheadMicros);
            keptMicros = Math.max(keptMicros, stamped.keptMicros());
            state = stamped.state();
        }
        // A timestamp ahead of the clock would end leases that are still being spent.
        long countsMicros = isLeased(state) ? Math.min(askedMicros, clockMicros) : askedMicros;
        long nowMicros = Math.max(countsMicros, believed ? state.atMicros() : clockMicros);
        return at(nowMicros, askedMicros, charge, state, keptMicros, clockMicros);
    }

    private static boolean isLeased(State state) {
        return state instanceof TokenBucketState bucket && bucket.held().permits() > 0;
    }

    private static Evaluation at(
            long nowMicros,
            long askedMicros,
            Charge charge,
            @Nullable State stored,
            long keptMicros,
            long clockMicros) {
        State advanced = charge.limit().meter().advance(stored, nowMicros);
        return new Evaluation(charge, stored, keptMicros, clockMicros, askedMicros, nowMicros, advanced);
    }

    public boolean permits() {
        return charge.cost() <= charge.limit().meter().remaining(advanced, nowMicros);
    }

    public State charged() {
        return charge.cost() == 0
                ? advanced
                : LeaseAccounting.served(
                        charge.limit(),
                        charge.limit().meter().charge(advanced, nowMicros, charge.cost()),
                        charge.cost());
    }

    /** The state once the cost is in use, whatever the limit permits. */
    public State owing() {
        return charge.limit().meter().owing(advanced, nowMicros, charge.cost());
    }

    /** What is kept if nothing is charged: in the numbers in which it was kept before. Null if there was nothing. */
    public @Nullable State uncharged() {
        return stored == null
                ? null
                : stored.believed(nowMicros, periodMicros()).drained(nowMicros);
    }

    /** What becomes of {@link #uncharged} if the request is refused. */
    private State afterRefusal(State uncharged) {
        return permits() ? uncharged : LeaseAccounting.refused(charge.limit(), uncharged, nowMicros, charge.cost());
    }

    private long periodMicros() {
        return Exact.micros(charge.limit().period());
    }

    public boolean isStamped() {
        return keptMicros > 0;
    }

    /** What to keep of a state that this judgement has led to. */
    public State kept(State state) {
        return keptMicros == 0 ? state : new StampedState(state, keptMicros);
    }

    /**
     * What a refusal leaves to keep, or null if what is kept stays as it is. Only a clock that was set back, and a
     * large cost that waits for leases to end, leave a trace; never other numbers, or a refused request would free what
     * is in use.
     */
    public @Nullable State refusedTo() {
        if (stored == null) {
            return null;
        }
        boolean isCorrected = !stored.isBelieved(nowMicros, periodMicros());
        boolean closes = !permits() && LeaseAccounting.closes(charge.limit(), advanced, nowMicros, charge.cost());
        State uncharged = isCorrected || closes ? uncharged() : null;
        return uncharged == null || saysSoByItself(uncharged) ? null : afterRefusal(uncharged);
    }

    /**
     * Whether a state need not be kept: where a timestamp has left nothing in use, what is kept shows so in time by
     * itself. Until then it shows more: a lease that was given back, for two seconds at most.
     */
    boolean saysSoByItself(State state) {
        return isStamped() && state.isEmpty();
    }

    public Decision permitted(State charged) {
        return charge.permitted(charged, nowMicros, askedMicros);
    }

    public long againAfterMicros(State charged) {
        return charge.againAfterMicros(charged, nowMicros, askedMicros);
    }

    /** The decision if one of the request's charges does not pass. */
    public Decision refused() {
        return charge.refused(advanced, nowMicros, askedMicros);
    }

    /** The decision if the request's timestamp is too far from the clock; nothing was judged by it. */
    public Decision outside(Timestamp timestamp, Reason reason) {
        return charge.rejected(advanced, nowMicros, askedMicros, reason, timestamp.insideAfterMicros(clockMicros));
    }
}
