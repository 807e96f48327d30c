package dev.weir.dashboard;

import dev.weir.limit.Decision;
import dev.weir.limit.Reason;
import dev.weir.store.LeaseUse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The decisions under one policy, and what its leases did. Thread-safe. */
final class PolicyCounts {

    private final LongAdder permitted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
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

    void add(LeaseUse use) {
        permitted.add(use.decisions());
        synchronized (this) {
            leases = leases.plus(use);
        }
    }

    /**
     * Counts since the start: {@code permitted} are all that went on, also in shadow mode or without the store, and
     * {@code rejected} all that did not. Of those, {@code shadowRejected} passed only because of shadow mode, and
     * {@code withoutStore} were decided as the policy says for a store that does not answer.
     *
     * @param delayed those of the permitted that waited for their turn; null where that is not known
     */
    Map<String, Object> fields(@Nullable Long delayed) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("permitted", permitted.sum());
        fields.put("rejected", rejected.sum());
        fields.put("delayed", delayed);
        fields.put("shadowRejected", shadowRejected.sum());
        fields.put("withoutStore", withoutStore.sum());
        fields.put("leases", leases());
        return fields;
    }

    /** Permits, but for {@code decisions} (both ways, from memory) and {@code calls} of the store. */
    private Map<String, Object> leases() {
        LeaseUse use;
        synchronized (this) {
            use = leases;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("leased", use.leased());
        fields.put("spent", use.spent());
        fields.put("returned", use.returned());
        fields.put("expired", use.expired());
        fields.put("decisions", use.decisions() + use.notified() + use.refusals());
        fields.put("calls", use.calls());
        return fields;
    }
}
