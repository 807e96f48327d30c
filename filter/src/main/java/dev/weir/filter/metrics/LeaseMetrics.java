package dev.weir.filter.metrics;

import static dev.weir.filter.metrics.MetricSeries.tag;

import dev.weir.store.LeaseUse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.metrics.Counter;

/** Counts what leases did: permits that were leased, decisions that were made from them, and calls of the store. */
final class LeaseMetrics {

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
            leased.inc(use.leased());
            spent.inc(use.spent());
            returned.inc(use.returned());
            expired.inc(use.expired());
            permitted.inc(use.decisions() + use.notified());
            rejected.inc(use.refusals());
            calls.inc(use.calls());
        }
    }

    private final MetricSeries series;
    private final Map<String, Leased> byPolicy = new ConcurrentHashMap<>();

    LeaseMetrics(MetricSeries series) {
        this.series = series;
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
                series.counter("weir_lease_calls_total", "Calls of the store for leases", tag("policy", policy)));
    }

    private Counter permits(String policy, String what) {
        return series.counter(
                "weir_lease_permits_total",
                "Permits that were leased, and what became of them",
                tag("policy", policy),
                tag("what", what));
    }

    private Counter decisions(String policy, Outcome outcome) {
        return series.counter(
                "weir_lease_decisions_total",
                "Decisions that were made from leases and remembered rejections; they are in weir_decisions_total too",
                tag("policy", policy),
                tag("outcome", outcome));
    }
}
