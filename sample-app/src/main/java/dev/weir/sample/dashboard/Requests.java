package dev.weir.sample.dashboard;

import dev.weir.dashboard.Extension;
import dev.weir.dashboard.RejectionWords;
import dev.weir.filter.metrics.RejectedClients;
import dev.weir.limit.Decision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the playground knows of single requests, which a limiter's listener does not: how long a decision took, whether
 * it was waited for, and, in the demo, whose it was. Thread-safe.
 */
final class Requests implements Extension {

    private final Latency latency = new Latency();
    private final Map<String, LongAdder> delayed = new ConcurrentHashMap<>();
    private final @Nullable Clients clients;
    private final Supplier<List<String>> others;

    /** @param clients null where clients are not shown */
    Requests(@Nullable Clients clients, Supplier<List<String>> others) {
        this.clients = clients;
        this.others = others;
    }

    /**
     * The playground has an answer.
     *
     * @param nanos how long it took; for a request that waited for its turn, with the wait
     */
    void answered(String client, Decision decision, long nanos, boolean wasDelayed) {
        if (!wasDelayed) {
            latency.record(nanos);
        } else if (decision.permitted()) {
            delayed.computeIfAbsent(decision.policy(), policy -> new LongAdder())
                    .increment();
        }
        if (clients != null) {
            clients.add(client, decision, wasDelayed);
        }
    }

    @Override
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("latency", latency.quantiles().fields());
        fields.put(
                "clients",
                clients == null
                        ? null
                        : clients.rows().stream().map(Clients.Row::fields).toList());
        fields.put(
                "topRejected",
                clients == null
                        ? null
                        : clients.topRejected().stream().map(Requests::fields).toList());
        fields.put("rejectedOfOthers", clients == null ? null : clients.rejectedOfOthers());
        Clients.LastRejected last = clients == null ? null : clients.last();
        if (last != null) {
            fields.put(
                    "lastRejection",
                    Map.of(
                            "at",
                            last.at(),
                            "words",
                            RejectionWords.of("A request of " + last.client(), last.decision())));
        }
        return fields;
    }

    private static Map<String, Object> fields(RejectedClients.Top top) {
        return Map.of(
                "client", top.client(), "policy", top.policy(), "count", top.count(), "atMostOver", top.atMostOver());
    }

    @Override
    public Long delayed(String policy) {
        LongAdder count = delayed.get(policy);
        return count == null ? 0L : count.sum();
    }

    @Override
    public List<String> others() {
        return others.get();
    }
}
