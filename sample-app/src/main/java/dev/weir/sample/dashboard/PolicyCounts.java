package dev.weir.sample.dashboard;

import dev.weir.limit.Decision;
import dev.weir.limit.Reason;
import dev.weir.store.LeaseUse;
import java.util.concurrent.atomic.LongAdder;

/** The decisions under one policy, and what its leases did. Thread-safe. */
final class PolicyCounts {

    /**
     * Counts since the start.
     *
     * @param permitted all that went on, also in shadow mode or without the store
     * @param rejected all that did not
     * @param delayed those of the playground that waited for their turn, and went on then; they are in
     *     {@code permitted} too
     * @param shadowRejected those of {@code permitted} that only shadow mode let through
     * @param withoutStore permitted or rejected because the store did not answer and the policy says so
     */
    record View(
            long permitted, long rejected, long delayed, long shadowRejected, long withoutStore, LeaseView leases) {}

    /** Permits, but for {@code decisions} (both ways, from memory) and {@code calls} of the store. */
    record LeaseView(long leased, long spent, long returned, long expired, long decisions, long calls) {}

    private final LongAdder permitted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder delayed = new LongAdder();
    private final LongAdder shadowRejected = new LongAdder();
    private final LongAdder withoutStore = new LongAdder();
    private LeaseUse leases = LeaseUse.NONE;

    void add(Decision decision) {
        (decision.permitted() ? permitted : rejected).increment();
        if (decision.reason() == Reason.STORE_UNAVAILABLE) {
            withoutStore.increment();
        } else if (decision.permitted() && decision.reason() != Reason.OK) {
            shadowRejected.increment();
        }
    }

    void addDelayed() {
        delayed.increment();
    }

    void add(LeaseUse use) {
        permitted.add(use.decisions());
        synchronized (this) {
            leases = leases.plus(use);
        }
    }

    View view() {
        LeaseUse use;
        synchronized (this) {
            use = leases;
        }
        return new View(
                permitted.sum(),
                rejected.sum(),
                delayed.sum(),
                shadowRejected.sum(),
                withoutStore.sum(),
                new LeaseView(
                        use.leased(),
                        use.spent(),
                        use.returned(),
                        use.expired(),
                        use.decisions() + use.notified() + use.refusals(),
                        use.calls()));
    }
}
