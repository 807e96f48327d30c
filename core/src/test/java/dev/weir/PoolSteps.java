package dev.weir;

/** A pool in memory at times that are told: for comparison with a store's own. */
public final class PoolSteps {

    private final MemoryPool pool = new MemoryPool();

    /** What the pool decides next. */
    public Decision decide(PoolCall call, long nowMicros) {
        return pool.decide(call, call.pool().limit(), () -> nowMicros);
    }

    /** How many clients have something in it, and how many something in use of limits of their own. */
    public int size() {
        return pool.size();
    }
}
