package dev.weir;

import dev.weir.limit.Limit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * By which limit each instance of a simulated cluster may decide. A change at run time is in force at once at the store
 * and on the instance where it was made; on others within a second, even if the announcement is lost; and an instance
 * that is alone goes by it if it has seen it. A change of its configuration is in force on an instance at once.
 */
final class ClusterChanges {

    /** Which way a request was decided. */
    enum Way {
        STORE,
        /** From a lease, or by a refusal that is remembered. */
        MEMORY,
        ALONE
    }

    /** One client on one instance. */
    private record Here(int instance, String client) {}

    private final ClusterVerdict verdict;
    private final Map<String, Limit> inForce = new HashMap<>();
    private final Map<String, Here> changedBy = new HashMap<>();
    private final Map<String, Long> knownFromMicros = new HashMap<>();
    private final Map<Integer, Limit> configured = new HashMap<>();
    private final Set<Here> hasSeen = new HashSet<>();

    ClusterChanges(ClusterVerdict verdict) {
        this.verdict = verdict;
    }

    /**
     * A change was made at run time, and its caller has the answer.
     *
     * @param knownFromMicros from when on each instance knows of it
     */
    void changed(int instance, String client, Limit limit, long knownFromMicros) {
        mayHaveChanged(client);
        inForce.put(client, limit);
        changedBy.put(client, new Here(instance, client));
        this.knownFromMicros.put(client, knownFromMicros);
    }

    /** It is not known whether a change was made. */
    void mayHaveChanged(String client) {
        inForce.remove(client);
        hasSeen.removeIf(here -> here.client().equals(client));
    }

    /** Another memory is in force, which may know none of them. */
    void replaced() {
        inForce.clear();
        hasSeen.clear();
    }

    void died(int instance) {
        hasSeen.removeIf(here -> here.instance() == instance);
        changedBy.values().removeIf(here -> here.instance() == instance);
    }

    /** An instance has another configuration from now on. */
    void configured(int instance, Limit limit) {
        configured.put(instance, limit);
    }

    Limit configuredOn(int instance) {
        return Objects.requireNonNull(configured.get(instance));
    }

    /**
     * A request was decided for which nothing is set at run time.
     *
     * @param then what was configured when it was made: that may have changed meanwhile
     */
    void decidedAsConfigured(int instance, @Nullable Limit limit, Limit then) {
        Limit now = configuredOn(instance);
        if (limit != null && !limit.equals(now) && !limit.equals(then)) {
            throw verdict.broken("instance %d decided by %s, and has %s", instance, limit, now);
        }
    }

    /** A request was decided by a limit. */
    void decidedBy(int instance, String client, @Nullable Limit limit, Way way, long nowMicros) {
        Limit expected = inForce.get(client);
        if (expected == null || limit == null) {
            return;
        }
        Here here = new Here(instance, client);
        if (limit.equals(expected)) {
            boolean isAsConfigured = limit.equals(configuredOn(instance));
            if (!isAsConfigured) { // Or its configuration happens to say the same.
                hasSeen.add(here);
            }
            return;
        }
        boolean isWrong = switch (way) {
            case STORE -> true;
            case MEMORY -> here.equals(changedBy.get(client)) || isKnownByAll(client, nowMicros);
            case ALONE -> hasSeen.contains(here);
        };
        if (isWrong) {
            throw verdict.broken(
                    "instance %d decided on %s by %s (%s), and %s is in force", instance, client, limit, way, expected);
        }
    }

    private boolean isKnownByAll(String client, long nowMicros) {
        return nowMicros > knownFromMicros.getOrDefault(client, Long.MAX_VALUE);
    }
}
