package dev.weir.sample.dashboard;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an instance publishes of itself. Counts only grow, as those of {@code /metrics} do: readers take differences.
 *
 * @param at when it was taken, in epoch milliseconds
 * @param startedAt when the instance began to count, in epoch milliseconds
 * @param instances the live instances, as the store last reported
 * @param waiting requests that wait for their turn now
 * @param policies by name
 * @param latency of decisions that the playground asked for
 * @param clients null where clients are not shown
 * @param topRejected null where clients are not shown
 * @param lastRejection null if there was none
 */
record Snapshot(
        String instance,
        long at,
        long startedAt,
        int instances,
        StoreCounts.View store,
        int waiting,
        Map<String, PolicyCounts.View> policies,
        Latency.Quantiles latency,
        @Nullable List<Clients.Row> clients,
        @Nullable List<Clients.Top> topRejected,
        @Nullable LastRejection lastRejection) {

    /**
     * The last rejection in words.
     *
     * @param at null where that is not kept
     */
    record LastRejection(@Nullable Long at, String words) {}
}
