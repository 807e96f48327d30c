package dev.weir.lease;

import dev.weir.store.LeaseUse;

/**
 * What became of the permits in a {@link PermitCounter}: each that was leased is spent, returned, expired, or still
 * there.
 *
 * <p>Spending is not written down when it happens, because it must be quick: it is what is missing when the counter is
 * counted. Not thread-safe, but others may spend meanwhile.
 */
final class LeaseLedger {

    private final PermitCounter counter;

    /** What would be in the counter if no request had spent since it was last counted. */
    private long balance;

    /** Requests whose decisions are reported by their callers, since the counter was last counted. */
    private long uncountedTimes;

    private long uncountedCost;
    private LeaseUse use = LeaseUse.NONE;

    LeaseLedger(PermitCounter counter) {
        this.counter = counter;
    }

    void put(long leased) {
        balance += leased;
        counter.put(leased);
        note(LeaseUse.ofLeased(leased));
    }

    /** What was {@linkplain #takeAll taken out} is of use after all. */
    void putBack(long taken) {
        balance += taken;
        counter.put(taken);
    }

    long takeAll() {
        long taken = counter.takeAll();
        balance -= taken;
        return taken;
    }

    /**
     * A cost was spent {@linkplain PermitCounter#spendUncounted uncounted}, by a request whose decision is reported by
     * its caller.
     */
    void spentUncounted(long cost) {
        uncountedTimes++;
        uncountedCost += cost;
    }

    /**
     * What was spent since this was last asked.
     *
     * @param permits how many
     * @param requests by so many
     */
    record Spent(long permits, long requests) {}

    Spent count() {
        PermitCounter.Count counted = counter.count();
        Spent spent = new Spent(balance - counted.left(), counted.times() + uncountedTimes);
        balance = counted.left();
        if (spent.permits() > 0) {
            note(LeaseUse.ofSpent(counted.times(), spent.permits() - uncountedCost, uncountedTimes, uncountedCost));
            uncountedTimes = 0;
            uncountedCost = 0;
        }
        return spent;
    }

    void note(LeaseUse more) {
        use = use.plus(more);
    }

    /** What was noted since this was last asked. */
    LeaseUse takeUse() {
        LeaseUse taken = use;
        use = LeaseUse.NONE;
        return taken;
    }
}
