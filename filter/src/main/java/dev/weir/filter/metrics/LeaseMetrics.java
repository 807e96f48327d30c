package dev.weir.filter.metrics;

import dev.weir.filter.metrics.Instruments.Counter;
import dev.weir.store.LeaseUse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts what leases did: permits that were leased, decisions that were made from them, and calls of the store. */
final class LeaseMetrics {

    private static final Series PERMITS =
            Series.of("weir_lease_permits_total", "Permits that were leased, and what became of them");
    private static final Series DECISIONS = Series.of(
            "weir_lease_decisions_total",
            "Decisions that were made from leases and remembered rejections; they are in weir_decisions_total too");
    private static final Series CALLS = Series.of("weir_lease_calls_total", "Calls of the store for leases");

    /** The counters of one policy. */
    private record Leased(
            Counter leased,
            Counter spent,
            Counter returned,
            Counter expired,
            Counter permitted,
            Counter rejected,
            Counter calls) {

        void add(LeaseUse use) {
            leased.add(use.leased());
            spent.add(use.spent());
            returned.add(use.returned());
            expired.add(use.expired());
            permitted.add(use.decisions() + use.notified());
            rejected.add(use.refusals());
            calls.add(use.calls());
        }
    }

    private final Instruments instruments;
    private final Map<String, Leased> byPolicy = new ConcurrentHashMap<>();

    LeaseMetrics(Instruments instruments) {
        this.instruments = instruments;
    }

    /** Shows the series of a policy, at 0 if they are new. */
    void show(String policy) {
        byPolicy.computeIfAbsent(policy, this::register);
    }

    void add(String policy, LeaseUse use) {
        byPolicy.computeIfAbsent(policy, this::register).add(use);
    }

    private Leased register(String policy) {
        return new Leased(
                permits(policy, "leased"),
                permits(policy, "spent"),
                permits(policy, "returned"),
                permits(policy, "expired"),
                decisions(policy, Outcome.PERMITTED),
                decisions(policy, Outcome.REJECTED),
                instruments.counter(CALLS.with("policy", policy)));
    }

    private Counter permits(String policy, String what) {
        return instruments.counter(PERMITS.with("policy", policy).with("what", what));
    }

    private Counter decisions(String policy, Outcome outcome) {
        return instruments.counter(DECISIONS.with("policy", policy).with("outcome", outcome));
    }
}
