package dev.weir.sample.dashboard;

import dev.weir.filter.metrics.RejectedClients;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What single clients asked for: only in the demo, whose clients are made up. Bounded whatever ids come: the first
 * {@value #MOST} pairs of client and policy have a row, and all others share one; the rejected ones are kept by
 * {@link RejectedClients}. Thread-safe.
 */
final class Clients {

    /** A client under a policy. */
    record ClientOfPolicy(String client, String policy) {}

    /** The counts of one client under one policy. */
    record Row(String client, String policy, long permitted, long delayed, long rejected) {

        Map<String, Object> fields() {
            return Map.of(
                    "client",
                    client,
                    "policy",
                    policy,
                    "permitted",
                    permitted,
                    "delayed",
                    delayed,
                    "rejected",
                    rejected);
        }

        private Row with(Decision decision, boolean wasDelayed) {
            boolean passed = decision.permitted();
            return new Row(
                    client,
                    policy,
                    permitted + (passed ? 1 : 0),
                    delayed + (passed && wasDelayed ? 1 : 0),
                    rejected + (passed ? 0 : 1));
        }
    }

    /** The client and the decision of the last request that was rejected. */
    record LastRejected(String client, Rejected decision, long at) {}

    private static final int MOST = 200;
    private static final String OTHERS = "(others)";

    private final Map<ClientOfPolicy, Row> rows = new LinkedHashMap<>();
    private final RejectedClients rejected;
    private @Nullable LastRejected last;

    /** @param rejected what the filters of the application count as well */
    Clients(RejectedClients rejected) {
        this.rejected = rejected;
    }

    synchronized void add(String client, Decision decision, boolean wasDelayed) {
        ClientOfPolicy key = new ClientOfPolicy(client, decision.policy());
        ClientOfPolicy row = rows.containsKey(key) || rows.size() < MOST ? key : new ClientOfPolicy(OTHERS, OTHERS);
        rows.merge(
                row,
                new Row(row.client, row.policy, 0, 0, 0).with(decision, wasDelayed),
                (before, first) -> before.with(decision, wasDelayed));
        if (decision instanceof Rejected refusal) {
            rejected.add(client, new Decisions(List.of(decision)));
            last = new LastRejected(client, refusal, System.currentTimeMillis());
        }
    }

    synchronized List<Row> rows() {
        return new ArrayList<>(rows.values());
    }

    /** All that are remembered: the page adds up those of all instances, and shows the first of the sums. */
    List<RejectedClients.Top> topRejected() {
        return rejected.top(Integer.MAX_VALUE);
    }

    /** As {@link RejectedClients#mostOfOthers}. */
    long rejectedOfOthers() {
        return rejected.mostOfOthers();
    }

    synchronized @Nullable LastRejected last() {
        return last;
    }
}
