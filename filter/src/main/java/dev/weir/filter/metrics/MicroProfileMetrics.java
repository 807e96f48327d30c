package dev.weir.filter.metrics;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Decision;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import dev.weir.store.LeaseUse;
import dev.weir.store.StoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricID;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;
import org.eclipse.microprofile.metrics.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Counts with MicroProfile Metrics. Every series of a policy is there from the start, at 0, so that a rate can be taken
 * of its first event; its counters are looked up once. No client id is ever a tag.
 */
final class MicroProfileMetrics implements Metrics {

    /**
     * How a decision came out: {@code outcome} in {@code weir_decisions_total}, and where it takes permits in
     * {@code weir_cost_total}.
     */
    enum Outcome {
        PERMITTED,
        REJECTED,
        COST_ABOVE_LIMIT,
        STALE,
        FUTURE,
        QUEUE_FULL,
        /** Permitted, but only because the policy or the filter is in shadow mode. */
        SHADOW_REJECTED,
        PERMITTED_WITHOUT_STORE,
        REJECTED_WITHOUT_STORE;

        /** Whether such requests take what they cost. */
        boolean takes() {
            return this == PERMITTED || this == PERMITTED_WITHOUT_STORE;
        }

        static Outcome of(Decision decision) {
            boolean permitted = decision.permitted();
            return switch (decision.reason()) {
                case STORE_UNAVAILABLE -> permitted ? PERMITTED_WITHOUT_STORE : REJECTED_WITHOUT_STORE;
                case COST_ABOVE_LIMIT -> permitted ? SHADOW_REJECTED : COST_ABOVE_LIMIT;
                case STALE -> permitted ? SHADOW_REJECTED : STALE;
                case FUTURE -> permitted ? SHADOW_REJECTED : FUTURE;
                case QUEUE_FULL -> QUEUE_FULL;
                case LIMIT, SHARE, CAPACITY -> permitted ? SHADOW_REJECTED : REJECTED;
                case OK -> permitted ? PERMITTED : REJECTED;
            };
        }
    }

    private record Count(Counter decisions, Counter cost) {}

    /** What leases of a policy did. */
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

    /** What became of requests in a pool. */
    private record Pooled(Counter permits, Counter share, Counter capacity) {

        void add(Reason reason, long cost) {
            switch (reason) {
                case OK -> permits.inc(cost);
                case SHARE -> share.inc();
                case CAPACITY -> capacity.inc();
                default -> {} // It was no matter of the pool's.
            }
        }
    }

    private final MetricRegistry registry;
    private final Map<String, Map<Outcome, Count>> counts = new ConcurrentHashMap<>();
    private final Map<String, Leased> leases = new ConcurrentHashMap<>();
    private final Map<StoreException.Kind, Counter> errors = new EnumMap<>(StoreException.Kind.class);
    private final Timer store;
    private final Counter reloads;
    private final Counter refusals;
    private final SharedGauges gauges;
    private volatile Map<String, Pool> pools = Map.of();

    /** By policy. */
    private volatile Map<String, Pooled> pooled = Map.of();

    MicroProfileMetrics(MetricRegistry registry) {
        this.registry = registry;
        gauges = new SharedGauges(registry);
        store = registry.timer(about("weir_store_seconds", "How long calls of the store took, failed ones included"));
        for (StoreException.Kind kind : StoreException.Kind.values()) {
            errors.put(
                    kind,
                    counter("weir_store_errors_total", "Calls that the store failed", tag("kind", lowerCase(kind))));
        }
        String reloaded = "Changed configurations that were put into force or refused";
        reloads = counter("weir_config_reloads_total", reloaded, tag("result", "success"));
        refusals = counter("weir_config_reloads_total", reloaded, tag("result", "failure"));
    }

    private Counter counter(String name, String description, Tag... tags) {
        return registry.counter(about(name, description), tags);
    }

    private static Metadata about(String name, String description) {
        return Metadata.builder().withName(name).withDescription(description).build();
    }

    private static Tag tag(String name, String value) {
        return new Tag(name, value);
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public synchronized void policies(Collection<Policy> policies) {
        Map<String, Pool> next = new HashMap<>();
        Map<String, Pooled> counted = new HashMap<>();
        for (Policy policy : policies) {
            counts.computeIfAbsent(policy.name(), this::register);
            leases.computeIfAbsent(policy.name(), this::registerLeases);
            Pool pool = policy.pool();
            if (pool != null) {
                next.put(pool.name(), pool);
                counted.put(policy.name(), registerPool(pool.name()));
            }
        }
        Set<String> before = pools.keySet();
        pools = Map.copyOf(next);
        pooled = Map.copyOf(counted);
        before.stream().filter(name -> !next.containsKey(name)).forEach(this::removePool);
        next.keySet().stream().filter(name -> !before.contains(name)).forEach(this::showPool);
    }

    private Pooled registerPool(String pool) {
        return new Pooled(
                counter("weir_pool_permits_total", "Permits that clients took from a pool", tag("pool", pool)),
                refusals(pool, Reason.SHARE),
                refusals(pool, Reason.CAPACITY));
    }

    private Counter refusals(String pool, Reason reason) {
        return counter(
                "weir_pool_refusals_total",
                "Requests that a pool refused, under policies in shadow mode too: because the client's share, or the capacity, was used up",
                tag("pool", pool),
                tag("reason", lowerCase(reason)));
    }

    private void showPool(String name) {
        gauge(
                "weir_pool_capacity",
                "Permits of a pool that come free per second",
                () -> perSecond(pools.get(name)),
                tag("pool", name));
    }

    private static double perSecond(@Nullable Pool pool) {
        return pool == null
                ? 0
                : pool.limit().permits() * 1e9 / pool.limit().period().toNanos();
    }

    private void removePool(String name) {
        gauges.remove(new MetricID("weir_pool_capacity", tag("pool", name)));
    }

    private Map<Outcome, Count> register(String policy) {
        Map<Outcome, Count> byOutcome = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            Tag[] tags = {tag("policy", policy), tag("outcome", lowerCase(outcome))};
            byOutcome.put(
                    outcome,
                    new Count(
                            counter("weir_decisions_total", "Decisions by policy and outcome", tags),
                            counter("weir_cost_total", "Permits that requests took, by policy and outcome", tags)));
        }
        return byOutcome;
    }

    private Leased registerLeases(String policy) {
        return new Leased(
                leasedPermits(policy, "leased"),
                leasedPermits(policy, "spent"),
                leasedPermits(policy, "returned"),
                leasedPermits(policy, "expired"),
                decidedHere(policy, Outcome.PERMITTED),
                decidedHere(policy, Outcome.REJECTED),
                counter("weir_lease_calls_total", "Calls of the store for leases", tag("policy", policy)));
    }

    private Counter leasedPermits(String policy, String what) {
        return counter(
                "weir_lease_permits_total",
                "Permits that were leased, and what became of them",
                tag("policy", policy),
                tag("what", what));
    }

    private Counter decidedHere(String policy, Outcome outcome) {
        return counter(
                "weir_lease_decisions_total",
                "Decisions that were made from leases and remembered rejections; they are in weir_decisions_total too",
                tag("policy", policy),
                tag("outcome", lowerCase(outcome)));
    }

    @Override
    public void onDecision(Decision decision, long cost) {
        count(decision.policy(), Outcome.of(decision), 1, cost);
        Pooled pool = pooled.get(decision.policy());
        if (pool != null) {
            pool.add(decision.reason(), cost);
        }
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
        leases.computeIfAbsent(policy, this::registerLeases).add(use);
        Pooled pool = pooled.get(policy);
        if (pool != null) {
            pool.add(Reason.OK, use.cost());
        }
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
        gauge("weir_store_up", "1 if the store answers, 0 if not", () -> weir.storeUp() ? 1 : 0);
        gauge("weir_instances", "Live instances that share the store, as last counted", weir::instances);
        gauge("weir_delayed_requests", "Requests that wait for their turn on this instance", weir::waiting);
    }

    private void gauge(String name, String description, Supplier<Number> value, Tag... tags) {
        gauges.show(about(name, description), value, tags);
    }

    @Override
    public void refresh() {
        gauges.refresh();
    }

    /** Takes the gauges away, which hold on to the limiter; counters may go on if the application starts again. */
    @Override
    public void close() {
        gauges.removeAll();
    }
}
