package dev.weir.lease;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Permits at hand, for any number of threads: each spends with one compare-and-swap, and without a lock.
 *
 * <pre>
 *   63              24 23               0
 *   |    permits      |   times spent    |     one word, so that both are always right together
 * </pre>
 *
 * <p><b>Assumptions.</b> Fewer than 2<sup>24</sup> permits are put in between two counts, so that times spent, each for
 * at least one permit, cannot overflow.
 *
 * <p><b>Guarantees.</b> What was put in is what was spent, what was taken out and what is left; no thread spends what
 * is not there. Linearizable.
 */
final class PermitCounter {

    /** A cost that was not spent. */
    static final long REFUSED = -1;

    private static final int TIMES_BITS = 24;
    private static final long TIMES = (1L << TIMES_BITS) - 1;
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(PermitCounter.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // By WORD.
    private volatile long word;

    /**
     * Spends all of {@code cost} and returns what is left, or spends nothing: {@link #REFUSED}, also if the cost is no
     * cost.
     */
    long spend(long cost) {
        return spend(cost, 1);
    }

    /** As {@link #spend}, but does not count as a time. */
    long spendUncounted(long cost) {
        return spend(cost, 0);
    }

    private long spend(long cost, int times) {
        while (true) {
            long seen = word;
            long left = (seen >>> TIMES_BITS) - cost;
            if (left < 0 || cost <= 0) {
                return REFUSED;
            }
            if (WORD.compareAndSet(this, seen, seen - (cost << TIMES_BITS) + times)) {
                return left;
            }
        }
    }

    /** Permits that can be spent now. */
    long left() {
        return word >>> TIMES_BITS;
    }

    void put(long permits) {
        WORD.getAndAdd(this, permits << TIMES_BITS);
    }

    /** Takes out all that is left. */
    long takeAll() {
        return (long) WORD.getAndBitwiseAnd(this, TIMES) >>> TIMES_BITS;
    }

    /** What is left, and how often was spent since this was last asked. */
    Count count() {
        long seen = (long) WORD.getAndBitwiseAnd(this, ~TIMES);
        return new Count(seen >>> TIMES_BITS, seen & TIMES);
    }

    /**
     * Permits and times of one moment.
     *
     * @param left permits that can be spent
     * @param times how often some were spent
     */
    record Count(long left, long times) {}
}
