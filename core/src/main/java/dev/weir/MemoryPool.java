package dev.weir;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pool in memory, and what its clients have used of their own limits beside it: decided under one lock. Thread-safe. */
final class MemoryPool {

    private record Usage(String name, String client) {}

    private final FairPool shares = new FairPool(FairTuning.DEFAULT);
    private final Map<Usage, State> states = new HashMap<>();

    /** @param limit what all clients of the pool may take together */
    synchronized Decision decide(PoolCall call, TokenBucket limit, MicrosClock clock) {
        long nowMicros = clock.nowMicros();
        FairJudgement judged = shares.judge(limit, call.client(), call.weight(), call.cost(), nowMicros);
        Limit own = call.own();
        return own == null ? decide(call, judged) : decide(call, judged, own, nowMicros);
    }

    private Decision decide(PoolCall call, FairJudgement judged) {
        if (!judged.permits()) {
            shares.refuse(judged);
            return refused(call, judged);
        }
        shares.charge(judged);
        long resetAfter = judged.resetAfterMicros(judged.charged());
        return call.decision(Reason.OK, false, judged.remainingAfter(), resetAfter, 0);
    }

    private Decision decide(PoolCall call, FairJudgement judged, Limit own, long nowMicros) {
        Usage usage = new Usage(call.usage(), call.client());
        State stored = states.get(usage);
        State advanced = own.advance(stored, nowMicros);
        long remaining = own.remaining(advanced, nowMicros);
        boolean permits = call.cost() <= remaining;
        if (!permits || !judged.permits()) {
            keepRefused(usage, stored, advanced);
        }
        if (!permits) {
            return refusedByOwn(call, own, advanced, remaining, nowMicros);
        }
        if (!judged.permits()) {
            shares.refuse(judged);
            return refused(call, judged);
        }
        shares.charge(judged);
        State charged = own.charge(advanced, call.cost());
        states.put(usage, charged);
        long left = Math.min(judged.remainingAfter(), own.remaining(charged, nowMicros));
        return call.decision(Reason.OK, true, left, own.resetAfterMicros(charged, nowMicros), 0);
    }

    private void keepRefused(Usage usage, @Nullable State stored, State advanced) {
        if (stored != null && !advanced.continues(stored)) {
            states.put(usage, advanced);
        }
    }

    private static Decision refused(PoolCall call, FairJudgement judged) {
        long resetAfter = judged.resetAfterMicros(judged.advanced());
        return call.decision(judged.reason(), false, judged.remaining(), resetAfter, judged.retryAfterMicros());
    }

    private static Decision refusedByOwn(PoolCall call, Limit own, State advanced, long remaining, long nowMicros) {
        boolean never = call.cost() > own.capacity();
        long retryAfter = never ? 0 : own.retryAfterMicros(advanced, nowMicros, call.cost());
        long resetAfter = own.resetAfterMicros(advanced, nowMicros);
        return call.decision(never ? Reason.COST_ABOVE_LIMIT : Reason.LIMIT, true, remaining, resetAfter, retryAfter);
    }

    /** Forgets whoever has its whole own limit again, and all if the pool is empty. */
    synchronized void sweep(MicrosClock clock) {
        long nowMicros = clock.nowMicros();
        shares.sweep(nowMicros);
        states.values().removeIf(state -> state.emptyAtMicros() <= nowMicros);
    }

    /** How many states take room now. */
    synchronized int size() {
        return shares.size() + states.size();
    }
}
