package dev.weir.dashboard;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one instance has decided since it is listened to, and how its store was: a listener that counts and does nothing
 * else. It knows no client. As many counters as there are policies. Thread-safe.
 */
final class Activity implements LimiterListener {

    /**
     * A rejection.
     *
     * @param at in epoch milliseconds
     */
    record LastRejected(Rejected decision, long at) {}

    private final Map<String, PolicyCounts> policies = new ConcurrentHashMap<>();
    private final StoreCounts store = new StoreCounts();
    private volatile @Nullable LastRejected lastRejected;

    @Override
    public void onDecision(Decision decision, long cost) {
        counts(decision.policy()).add(decision);
        if (decision instanceof Rejected rejected) {
            lastRejected = new LastRejected(rejected, System.currentTimeMillis());
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

    private PolicyCounts counts(String policy) {
        PolicyCounts known = policies.get(policy);
        return known == null ? policies.computeIfAbsent(policy, name -> new PolicyCounts()) : known;
    }

    /**
     * The counts as fields of JSON, by policy.
     *
     * @param delayed how many requests waited under a policy; null where that is not known
     */
    Map<String, Object> policies(Function<String, @Nullable Long> delayed) {
        Map<String, Object> fields = new TreeMap<>();
        policies.forEach((name, counts) -> fields.put(name, counts.fields(delayed.apply(name))));
        return fields;
    }

    Map<String, Object> store(boolean up) {
        return store.fields(up);
    }

    /** The last decision to reject a request; null if there was none. */
    @Nullable LastRejected lastRejected() {
        return lastRejected;
    }
}
