package dev.weir.filter.metrics;

import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import java.util.List;

/**
 * Which clients were rejected most often, whatever ids come: at most 100 pairs of client and policy are remembered. It
 * counts since it was made. Ids may be personal data: this is for administrators, and never for labels of metrics.
 *
 * <p>The sketch is Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in
 * Data Streams", 2005). After {@code n} rejections, each pair with more than {@code n / 100} of them is there.
 *
 * <p>Thread-safe. Only rejections cost anything.
 */
public final class RejectedClients {

    private static final int COUNTERS = 100;

    private record ClientOfPolicy(String client, String policy) {}

    private final SpaceSaving<ClientOfPolicy> sketch = new SpaceSaving<>(COUNTERS);

    /**
     * How often a client was rejected under a policy.
     *
     * @param client its id
     * @param policy the policy that rejected it; {@code bucket} for a named bucket
     * @param count at least as often as it really was
     * @param atMostOver by how much {@code count} may be too large; 0 if it is exact
     */
    public record Top(String client, String policy, long count, long atMostOver) {}

    /** Nothing was rejected yet. */
    public RejectedClients() {}

    /**
     * Counts what rejected a request; nothing if none of the decisions did. Filters and resources do so by themselves:
     * this is for an application that asks {@link dev.weir.Weir} itself.
     */
    public void add(String client, Decisions decisions) {
        if (!decisions.permitted()) {
            decisions.each().forEach(decision -> add(client, decision));
        }
    }

    private void add(String client, Decision decision) {
        if (!decision.permitted()) {
            sketch.add(new ClientOfPolicy(client, decision.policy()));
        }
    }

    /**
     * The clients that were rejected most often, the most frequent first.
     *
     * @param most how many at most, 0 or more
     */
    public List<Top> top(int most) {
        return sketch.top(most).stream()
                .map(entry -> new Top(entry.key().client, entry.key().policy, entry.count(), entry.atMostOver()))
                .toList();
    }

    /**
     * At most how often a client that is not remembered was rejected under a policy; 0 as long as all are remembered.
     */
    public long mostOfOthers() {
        return sketch.mostOfOthers();
    }
}
