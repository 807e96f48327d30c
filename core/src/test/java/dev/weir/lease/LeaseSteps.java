package dev.weir.lease;

import dev.weir.limit.Limit;
import dev.weir.limit.State;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.Evaluation;
import dev.weir.store.LeaseCall;
import dev.weir.store.StoreReply;
import org.jspecify.annotations.Nullable;

/** The Java steps of a lease, made on a state that is given: for comparison with a store's own. */
public final class LeaseSteps {

    private static final String USAGE = "policy";

    private LeaseSteps() {}

    /** What a store answers, and what it has stored after that; null if nothing. */
    public record Step(StoreReply answer, @Nullable State stored) {}

    /** One step of a memory store that had this state. */
    public static Step of(@Nullable State stored, LeaseCall call, long nowMicros) {
        try (MemoryStore store = new MemoryStore(() -> nowMicros)) {
            String client = call.subject().id();
            if (stored != null) {
                store.put(client, USAGE, stored);
            }
            StoreReply answer = store.lease(call).join();
            State after = store.state(client, USAGE);
            boolean isKept = after == stored || after == null;
            return new Step(answer, isKept ? after : written(call.limit(), after, nowMicros));
        }
    }

    /** What a store keeps of a state after a request alone; null if the state stays as it is, or there was none. */
    public static @Nullable State decided(Limit limit, @Nullable State stored, long nowMicros, long cost) {
        Evaluation judgement = Evaluation.of(new Charge(USAGE, limit, cost), stored, null, nowMicros);
        return judgement.permits() ? judgement.charged() : judgement.refusedTo();
    }

    /** What is left of a state that is written: nothing, if it is as good as none. */
    public static @Nullable State written(Limit limit, State state, long nowMicros) {
        boolean isGone = limit.meter().resetAfterMicros(state, nowMicros) == 0 && state.emptyAtMicros() <= nowMicros;
        return isGone || state.isEmpty() ? null : state;
    }
}
