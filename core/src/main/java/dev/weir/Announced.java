package dev.weir;

import dev.weir.lease.LeasingStore;
import dev.weir.store.ChangeListener;
import dev.weir.store.Subject;
import org.jspecify.annotations.Nullable;

/**
 * Drops what this instance knows of a subject as soon as a change is announced: its leases, the refusals that it
 * remembers, and when it last asked for what is set. The store is asked at once for what is in force; a request that
 * comes before its answer asks as well.
 *
 * @param leasing null if nothing is leased
 * @param refresh asks the store what is set; null if the store is this process's own memory, which is never away
 */
record Announced(
        @Nullable LeasingStore leasing,
        Decider decider,
        @Nullable OverrideRefresh refresh) implements ChangeListener {

    @Override
    public void onChange(Subject subject) {
        if (leasing != null) {
            leasing.recall(subject);
        }
        decider.forget(subject);
        if (refresh != null) {
            refresh.changed(subject);
        }
    }

    @Override
    public void onGap() {
        if (leasing != null) {
            leasing.recall();
        }
        decider.forgetAll();
    }
}
