package dev.weir.filter.metrics;

import dev.weir.Policy;
import dev.weir.filter.metrics.Instruments.Counter;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts what became of requests in pools, and shows the capacity of each pool. */
final class PoolMetrics {

    private static final Series PERMITS = Series.of("weir_pool_permits_total", "Permits that clients took from a pool");
    private static final Series REFUSALS = Series.of(
            "weir_pool_refusals_total",
            "Requests that a pool refused, under policies in shadow mode too: because the client's share, or the capacity, was used up");
    private static final Series CAPACITY =
            Series.of("weir_pool_capacity", "Permits of a pool that come free per second");

    /** The counters of one pool. */
    private record Pooled(Counter permits, Counter share, Counter capacity) {

        void add(Reason reason, long cost) {
            switch (reason) {
                case OK -> permits.add(cost);
                case SHARE -> share.add(1);
                case CAPACITY -> capacity.add(1);
                default -> {} // The pool did not decide it.
            }
        }
    }

    private final Instruments instruments;
    private volatile Map<String, Pool> pools = Map.of();
    private volatile Map<String, Pooled> byPolicy = Map.of();

    PoolMetrics(Instruments instruments) {
        this.instruments = instruments;
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
                .forEach(name -> instruments.removeGauge(CAPACITY.with("pool", name)));
        next.keySet().stream().filter(name -> !before.contains(name)).forEach(this::showCapacity);
    }

    private Pooled register(String pool) {
        return new Pooled(
                instruments.counter(PERMITS.with("pool", pool)),
                refusals(pool, Reason.SHARE),
                refusals(pool, Reason.CAPACITY));
    }

    private Counter refusals(String pool, Reason reason) {
        return instruments.counter(REFUSALS.with("pool", pool).with("reason", reason));
    }

    private void showCapacity(String name) {
        instruments.gauge(CAPACITY.with("pool", name), () -> perSecond(pools.get(name)));
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
