package dev.weir;

import dev.weir.lease.LeasingStore;
import dev.weir.store.ChangeListener;
import dev.weir.store.Subject;
import org.jspecify.annotations.Nullable;

/**
 * Drops what this instance knows of a subject as soon as a change is announced: its leases, the refusals that it
 * remembers, and when it last asked for what is set. The next request learns from the store what is in force.
 *
 * @param leasing null if nothing is leased
 */
record Announced(@Nullable LeasingStore leasing, Decider decider) implements ChangeListener {

    @Override
    public void onChange(Subject subject) {
        if (leasing != null) {
            leasing.recall(subject);
        }
        decider.forget(subject);
    }

    @Override
    public void onGap() {
        if (leasing != null) {
            leasing.recall();
        }
        decider.forgetAll();
    }
}
