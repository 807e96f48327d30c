package dev.weir.limit;

/**
 * What any limit keeps, if a caller's timestamp has moved it: how a store keeps it, not what limits see.
 *
 * @param state what the limit wrote
 * @param keptMicros how much longer it counts than until it is empty: at least as long as older timestamps are
 *     allowed
 */
public record StampedState(State state, long keptMicros) implements State {

    @Override
    public long atMicros() {
        return state.atMicros();
    }

    @Override
    public long permitsUsed(long nowMicros) {
        return state.permitsUsed(nowMicros);
    }

    @Override
    public long fitsAfterMicros(long permits, long nowMicros) {
        return state.fitsAfterMicros(permits, nowMicros);
    }

    @Override
    public StampedState drained(long nowMicros) {
        return new StampedState(state.drained(nowMicros), keptMicros);
    }

    @Override
    public StampedState owing(long permits) {
        return new StampedState(state.owing(permits), keptMicros);
    }

    @Override
    public StampedState at(long nowMicros) {
        return new StampedState(state.at(nowMicros), keptMicros);
    }

    @Override
    public boolean isEmpty() {
        return state.isEmpty();
    }

    @Override
    public long emptyAtMicros() {
        return state.emptyAtMicros() + keptMicros;
    }
}
