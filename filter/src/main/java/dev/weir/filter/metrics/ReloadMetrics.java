package dev.weir.filter.metrics;

import dev.weir.filter.metrics.Instruments.Counter;
import java.util.concurrent.TimeUnit;

/**
 * Counts changed configurations, and shows how the last one fared: a file that was refused stays without effect, and so
 * a state to alert on, long after its count has gone up. Thread-safe.
 */
final class ReloadMetrics {

    private static final Series RELOADS =
            Series.of("weir_config_reloads_total", "Changed configurations that were put into force or refused");
    private static final Series SUCCESSFUL = Series.of(
            "weir_config_last_reload_successful", "1 if the last configuration that was read is in force, 0 if not");
    private static final Series TIMESTAMP = Series.of(
            "weir_config_last_reload_timestamp_seconds",
            "When the configuration in force was put into force, in seconds since 1970");
    private static final double MILLIS = TimeUnit.SECONDS.toMillis(1);

    private final Instruments instruments;
    private final Counter reloads;
    private final Counter refusals;
    private volatile boolean isInForce = true;
    private volatile long sinceMillis = System.currentTimeMillis();

    ReloadMetrics(Instruments instruments) {
        this.instruments = instruments;
        reloads = instruments.counter(RELOADS.with("result", "success"));
        refusals = instruments.counter(RELOADS.with("result", "failure"));
    }

    void show() {
        instruments.gauge(SUCCESSFUL, () -> isInForce ? 1 : 0);
        instruments.gauge(TIMESTAMP, () -> sinceMillis / MILLIS);
    }

    void add(boolean success) {
        (success ? reloads : refusals).add(1);
        isInForce = success;
        if (success) {
            sinceMillis = System.currentTimeMillis();
        }
    }
}
