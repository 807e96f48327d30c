package dev.weir.filter.metrics;

import static dev.weir.filter.metrics.MetricSeries.tag;

import dev.weir.Policy;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.metrics.Counter;
import org.jspecify.annotations.Nullable;

/** Counts what became of requests in pools, and shows the capacity of each pool. */
final class PoolMetrics {

    private static final String CAPACITY = "weir_pool_capacity";

    /** The counters of one pool. */
    private record Pooled(Counter permits, Counter share, Counter capacity) {

        void add(Reason reason, long cost) {
            switch (reason) {
                case OK -> permits.inc(cost);
                case SHARE -> share.inc();
                case CAPACITY -> capacity.inc();
                default -> {} // The pool did not decide it.
            }
        }
    }

    private final MetricSeries series;
    private volatile Map<String, Pool> pools = Map.of();
    private volatile Map<String, Pooled> byPolicy = Map.of();

    PoolMetrics(MetricSeries series) {
        this.series = series;
    }

    /** Shows the pools of these policies, and no others. */
    synchronized void show(Collection<Policy> policies) {
        Map<String, Pool> next = new HashMap<>();
        Map<String, Pooled> counted = new HashMap<>();
        for (Policy policy : policies) {
            Pool pool = policy.pool();
            if (pool != null) {
                next.put(pool.name(), pool);
                counted.put(policy.name(), register(pool.name()));
            }
        }
        Set<String> before = pools.keySet();
        pools = Map.copyOf(next);
        byPolicy = Map.copyOf(counted);
        before.stream()
                .filter(name -> !next.containsKey(name))
                .forEach(name -> series.removeGauge(CAPACITY, tag("pool", name)));
        next.keySet().stream().filter(name -> !before.contains(name)).forEach(this::showCapacity);
    }

    private Pooled register(String pool) {
        return new Pooled(
                series.counter("weir_pool_permits_total", "Permits that clients took from a pool", tag("pool", pool)),
                refusals(pool, Reason.SHARE),
                refusals(pool, Reason.CAPACITY));
    }

    private Counter refusals(String pool, Reason reason) {
        return series.counter(
                "weir_pool_refusals_total",
                "Requests that a pool refused, under policies in shadow mode too: because the client's share, or the capacity, was used up",
                tag("pool", pool),
                tag("reason", reason));
    }

    private void showCapacity(String name) {
        series.gauge(
                CAPACITY,
                "Permits of a pool that come free per second",
                () -> perSecond(pools.get(name)),
                tag("pool", name));
    }

    private static double perSecond(@Nullable Pool pool) {
        return pool == null
                ? 0
                : pool.limit().permits() * 1e9 / pool.limit().period().toNanos();
    }

    /** Counts a decision under a policy, if its clients share a pool. */
    void add(String policy, Reason reason, long cost) {
        Pooled pool = byPolicy.get(policy);
        if (pool != null) {
            pool.add(reason, cost);
        }
    }
}
