package dev.weir.filter.config;

import dev.weir.filter.metrics.BothListeners;
import dev.weir.limit.Decision;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;
import java.util.ArrayList;
import java.util.List;

/** Notifies listeners that come and go while the limiter runs, in the order in which they came. Thread-safe. */
final class AddedListeners implements LimiterListener {

    private final List<LimiterListener> added = new ArrayList<>();
    private volatile LimiterListener all = NONE;

    /** Adds one, until what is returned is run. */
    synchronized Runnable add(LimiterListener listener) {
        // Of its own identity: one object may be added twice.
        LimiterListener one = new BothListeners(NONE, listener);
        added.add(one);
        all = together();
        return () -> remove(one);
    }

    private synchronized void remove(LimiterListener one) {
        added.removeIf(each -> each == one);
        all = together();
    }

    private LimiterListener together() {
        return added.stream().reduce(BothListeners::new).orElse(NONE);
    }

    @Override
    public void onDecision(Decision decision, long cost) {
        all.onDecision(decision, cost);
    }

    @Override
    public void onLeaseUse(String policy, LeaseUse use) {
        all.onLeaseUse(policy, use);
    }

    @Override
    public void onStoreAnswer(long nanos) {
        all.onStoreAnswer(nanos);
    }

    @Override
    public void onStoreFailure(StoreException.Kind kind, long nanos) {
        all.onStoreFailure(kind, nanos);
    }

    @Override
    public void onDebtLost(String policy, long permits) {
        all.onDebtLost(policy, permits);
    }

    @Override
    public void onStoreChange(boolean up) {
        all.onStoreChange(up);
    }
}
