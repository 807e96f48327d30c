package dev.weir.filter.metrics;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.filter.metrics.Instruments.Counter;
import dev.weir.filter.metrics.Instruments.Timer;
import dev.weir.limit.Decision;
import dev.weir.limit.Reason;
import dev.weir.store.LeaseUse;
import dev.weir.store.StoreException;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is counted, with whatever library the application has. Every series of a policy is registered at the start, at
 * 0, so that a rate includes its first event; its counters are looked up once. No client id is ever a tag.
 */
final class CountingMetrics implements Metrics {

    private static final Series DECISIONS = Series.of("weir_decisions_total", "Decisions by policy and outcome");
    private static final Series COST =
            Series.of("weir_cost_total", "Permits that requests took, by policy and outcome");
    private static final Series STORE =
            Series.of("weir_store_seconds", "How long calls of the store took, failed ones included");
    private static final Series DECISION = Series.of(
            "weir_decision_seconds", "How long a request was held up until it was decided on, of one in 64 requests");
    private static final Series ERRORS = Series.of("weir_store_errors_total", "Calls that the store failed");
    private static final Series DEBT_LOST = Series.of(
            "weir_debt_lost_permits_total", "Permits admitted without the store that it will not be charged for");
    private static final Series UP = Series.of("weir_store_up", "1 if the store answers, 0 if not");
    private static final Series DEGRADED =
            Series.of("weir_store_degraded", "1 if the store may lose what clients have used, though it answers");
    private static final Series INSTANCES =
            Series.of("weir_instances", "By how many instances limits are divided while the store is away");
    private static final Series DELAYED =
            Series.of("weir_delayed_requests", "Requests that wait for their turn on this instance");
    private static final Series FOLLOWED = Series.of(
            "weir_local_clients", "Clients, times policies, of which this instance remembers what the store left them");
    private static final Series DEBTS = Series.of(
            "weir_debts", "Clients, times policies, that the store is yet to be charged for, after an outage");
    private static final Series DEBT_PERMITS =
            Series.of("weir_debt_permits", "Permits that the store is yet to be charged, after an outage");

    private record Count(Counter decisions, Counter cost) {}

    private final Instruments instruments;
    private final Map<String, Map<Outcome, Count>> counts = new ConcurrentHashMap<>();
    private final Map<StoreException.Kind, Counter> errors = new EnumMap<>(StoreException.Kind.class);
    private final Timer store;
    private final Timer decision;
    private final Map<String, Counter> lost = new ConcurrentHashMap<>();
    private final OutageMetrics outages;
    private final StoreMetrics storeCounts;
    private final ReloadMetrics reloads;
    private final LeaseMetrics leases;
    private final PoolMetrics pools;

    CountingMetrics(Instruments instruments) {
        this.instruments = instruments;
        leases = new LeaseMetrics(instruments);
        pools = new PoolMetrics(instruments);
        store = instruments.timer(STORE);
        decision = instruments.timer(DECISION);
        for (StoreException.Kind kind : StoreException.Kind.values()) {
            errors.put(kind, instruments.counter(ERRORS.with("kind", kind)));
        }
        outages = new OutageMetrics(instruments);
        storeCounts = new StoreMetrics(instruments);
        reloads = new ReloadMetrics(instruments);
    }

    @Override
    public void policies(Collection<Policy> policies) {
        for (Policy policy : policies) {
            counts.computeIfAbsent(policy.name(), this::register);
            lost(policy.name());
            if (policy.pool() != null) {
                lost(policy.pool().name()); // Its clients owe to it, not to the policy.
            }
            leases.show(policy.name());
        }
        pools.show(policies);
    }

    private Map<Outcome, Count> register(String policy) {
        Map<Outcome, Count> byOutcome = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            byOutcome.put(outcome, new Count(counter(DECISIONS, policy, outcome), counter(COST, policy, outcome)));
        }
        return byOutcome;
    }

    private Counter counter(Series series, String policy, Outcome outcome) {
        return instruments.counter(series.with("policy", policy).with("outcome", outcome));
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
            count.decisions().add(decisions);
            count.cost().add(outcome.takes() ? cost : 0);
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
        store.record(nanos);
        storeCounts.advance();
    }

    @Override
    public void onStoreFailure(StoreException.Kind kind, long nanos) {
        store.record(nanos);
        Counter counter = errors.get(kind);
        if (counter != null) {
            counter.add(1);
        }
        outages.advance();
        storeCounts.advance();
    }

    @Override
    public void onStoreChange(boolean up) {
        outages.changed(up);
    }

    @Override
    public void onDebtLost(String policy, long permits) {
        lost(policy).add(permits);
    }

    private Counter lost(String policy) {
        return lost.computeIfAbsent(policy, name -> instruments.counter(DEBT_LOST.with("policy", name)));
    }

    @Override
    public void heldUp(long nanos) {
        decision.record(nanos);
    }

    @Override
    public void reloaded(boolean success) {
        reloads.add(success);
    }

    @Override
    public void limiter(Weir weir) {
        storeCounts.begin(weir);
        instruments.gauge(UP, () -> weir.storeUp() ? 1 : 0);
        instruments.gauge(DEGRADED, () -> weir.storeDegraded().isPresent() ? 1 : 0);
        instruments.gauge(INSTANCES, weir::instances);
        instruments.gauge(DELAYED, weir::waiting);
        instruments.gauge(FOLLOWED, weir::followed);
        instruments.gauge(DEBTS, weir::debts);
        instruments.gauge(DEBT_PERMITS, weir::debtPermits);
        reloads.show();
    }

    @Override
    public void refresh() {
        instruments.refresh();
    }

    @Override
    public void close() {
        instruments.removeGauges();
        storeCounts.count();
    }
}
