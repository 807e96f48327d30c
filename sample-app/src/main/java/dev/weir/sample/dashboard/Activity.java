package dev.weir.sample.dashboard;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What one instance decided since its start, and how its store was: an application's own {@link LimiterListener}, which
 * counts and does nothing else. It knows no client: {@link Clients} does, where the application shows them. As many
 * counters as there are policies. Thread-safe.
 */
public final class Activity implements LimiterListener {

    private final Map<String, PolicyCounts> policies = new ConcurrentHashMap<>();
    private final StoreCounts store = new StoreCounts();
    private volatile @Nullable Rejected lastRejected;

    @Override
    public void onDecision(Decision decision, long cost) {
        counts(decision.policy()).add(decision);
        if (decision instanceof Rejected rejected) {
            lastRejected = rejected;
        }
    }

    @Override
    public void onLeaseUse(String policy, LeaseUse use) {
        counts(policy).add(use);
    }

    @Override
    public void onStoreAnswer(long nanos) {
        store.answered(nanos);
    }

    @Override
    public void onStoreFailure(StoreException.Kind kind, long nanos) {
        store.failed(nanos);
    }

    @Override
    public void onStoreChange(boolean up) {
        store.changed(up);
    }

    void delayed(String policy) {
        counts(policy).addDelayed();
    }

    private PolicyCounts counts(String policy) {
        PolicyCounts known = policies.get(policy);
        return known == null ? policies.computeIfAbsent(policy, name -> new PolicyCounts()) : known;
    }

    /** By name. */
    Map<String, PolicyCounts.View> policies() {
        Map<String, PolicyCounts.View> views = new TreeMap<>();
        policies.forEach((name, counts) -> views.put(name, counts.view()));
        return views;
    }

    StoreCounts.View store(boolean up) {
        return store.view(up);
    }

    /** The last decision to reject a request; null if there was none. */
    @Nullable Rejected lastRejected() {
        return lastRejected;
    }
}
