package dev.weir.memory;

import dev.weir.limit.Exact;
import dev.weir.store.MicrosClock;

/** Entries under one lock, some of which are over. A sweep looks at a few at a time, and frees the lock in between. */
interface Sweepable {

    /** The most entries that a sweep looks at while it holds a lock: for some ten microseconds. */
    int SLICE = 256;

    /** How many entries take room now. */
    int size();

    /** Under the lock: looks at the next entries, and removes those that are over. */
    void sweepSlice(int entries, MicrosClock clock);

    /** Under the lock: gives back the room of what has been removed. */
    void trim();

    /** @param sweeps in how many of these all entries are to be looked at; if there are few, in each */
    default void sweep(int sweeps, MicrosClock clock) {
        int entries = Math.max(SLICE, (int) Exact.ceilDiv(size(), sweeps));
        for (int left = entries; left > 0; left -= SLICE) {
            sweepSlice(Math.min(left, SLICE), clock);
        }
        trim();
    }
}
