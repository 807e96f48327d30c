package dev.weir.filter.metrics;

import dev.weir.limit.Decision;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;

/** Tells two listeners, the first one first. */
public record BothListeners(LimiterListener first, LimiterListener second) implements LimiterListener {

    @Override
    public void onDecision(Decision decision, long cost) {
        first.onDecision(decision, cost);
        second.onDecision(decision, cost);
    }

    @Override
    public void onLeaseUse(String policy, LeaseUse use) {
        first.onLeaseUse(policy, use);
        second.onLeaseUse(policy, use);
    }

    @Override
    public void onStoreAnswer(long nanos) {
        first.onStoreAnswer(nanos);
        second.onStoreAnswer(nanos);
    }

    @Override
    public void onStoreFailure(StoreException.Kind kind, long nanos) {
        first.onStoreFailure(kind, nanos);
        second.onStoreFailure(kind, nanos);
    }

    @Override
    public void onDebtLost(String policy, long permits) {
        first.onDebtLost(policy, permits);
        second.onDebtLost(policy, permits);
    }

    @Override
    public void onStoreChange(boolean up) {
        first.onStoreChange(up);
        second.onStoreChange(up);
    }
}
