package dev.weir.filter.metrics;

import static dev.weir.filter.metrics.MetricSeries.tag;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Decision;
import dev.weir.limit.Reason;
import dev.weir.store.LeaseUse;
import dev.weir.store.StoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;
import org.eclipse.microprofile.metrics.Timer;

/**
 * Counts with MicroProfile Metrics. Every series of a policy is registered at the start, at 0, so that a rate includes
 * its first event; its counters are looked up once. No client id is ever a tag.
 */
final class MicroProfileMetrics implements Metrics {

    private record Count(Counter decisions, Counter cost) {}

    private final MetricSeries series;
    private final Map<String, Map<Outcome, Count>> counts = new ConcurrentHashMap<>();
    private final Map<StoreException.Kind, Counter> errors = new EnumMap<>(StoreException.Kind.class);
    private final Timer store;
    private final Counter reloads;
    private final Counter refusals;
    private final LeaseMetrics leases;
    private final PoolMetrics pools;

    MicroProfileMetrics(MetricRegistry registry) {
        series = new MetricSeries(registry);
        leases = new LeaseMetrics(series);
        pools = new PoolMetrics(series);
        store = series.timer("weir_store_seconds", "How long calls of the store took, failed ones included");
        for (StoreException.Kind kind : StoreException.Kind.values()) {
            errors.put(
                    kind, series.counter("weir_store_errors_total", "Calls that the store failed", tag("kind", kind)));
        }
        String reloaded = "Changed configurations that were put into force or refused";
        reloads = series.counter("weir_config_reloads_total", reloaded, tag("result", "success"));
        refusals = series.counter("weir_config_reloads_total", reloaded, tag("result", "failure"));
    }

    @Override
    public void policies(Collection<Policy> policies) {
        for (Policy policy : policies) {
            counts.computeIfAbsent(policy.name(), this::register);
            leases.show(policy.name());
        }
        pools.show(policies);
    }

    private Map<Outcome, Count> register(String policy) {
        Map<Outcome, Count> byOutcome = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            Tag[] tags = {tag("policy", policy), tag("outcome", outcome)};
            byOutcome.put(
                    outcome,
                    new Count(
                            series.counter("weir_decisions_total", "Decisions by policy and outcome", tags),
                            series.counter(
                                    "weir_cost_total", "Permits that requests took, by policy and outcome", tags)));
        }
        return byOutcome;
    }

    @Override
    public void onDecision(Decision decision, long cost) {
        count(decision.policy(), Outcome.of(decision), 1, cost);
        pools.add(decision.policy(), decision.reason(), cost);
    }

    private void count(String policy, Outcome outcome, long decisions, long cost) {
        Map<Outcome, Count> byOutcome = counts.get(policy);
        if (byOutcome == null) {
            byOutcome = counts.computeIfAbsent(policy, this::register);
        }
        Count count = byOutcome.get(outcome);
        if (count != null) {
            count.decisions().inc(decisions);
            count.cost().inc(outcome.takes() ? cost : 0);
        }
    }

    @Override
    public void onLeaseUse(String policy, LeaseUse use) {
        count(policy, Outcome.PERMITTED, use.decisions(), use.cost());
        leases.add(policy, use);
        pools.add(policy, Reason.OK, use.cost());
    }

    @Override
    public void onStoreAnswer(long nanos) {
        store.update(Duration.ofNanos(nanos));
    }

    @Override
    public void onStoreFailure(StoreException.Kind kind, long nanos) {
        store.update(Duration.ofNanos(nanos));
        Counter counter = errors.get(kind);
        if (counter != null) {
            counter.inc();
        }
    }

    @Override
    public void reloaded(boolean success) {
        (success ? reloads : refusals).inc();
    }

    @Override
    public void limiter(Weir weir) {
        series.gauge("weir_store_up", "1 if the store answers, 0 if not", () -> weir.storeUp() ? 1 : 0);
        series.gauge("weir_instances", "Live instances that share the store, as last counted", weir::instances);
        series.gauge("weir_delayed_requests", "Requests that wait for their turn on this instance", weir::waiting);
    }

    @Override
    public void refresh() {
        series.refreshGauges();
    }

    /** Removes the gauges, which refer to the limiter; counters stay, and go on if the application starts again. */
    @Override
    public void close() {
        series.removeGauges();
    }
}
