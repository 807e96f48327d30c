package dev.weir.lease;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * When each lease is looked after next: a timing wheel (G. Varghese and T. Lauck 1987).
 *
 * <pre>
 *   slots    | a, d |   | b |   |   | c |     each for 20 ms; the leases of a slot are linked, one to the other
 *              ^ next
 * </pre>
 *
 * A lease is in one slot, or among those that have just joined, which are due in the next round, or among those that
 * are due in this one. Nothing is allocated here, so that none is lost for want of memory.
 *
 * <p>Any thread may let a lease {@link #join}. All else is for one thread.
 */
final class LeaseRounds {

    static final long SLOT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int SLOTS = 6;

    /** The longest that a lease rests: no longer than the time after which unused permits are given back. */
    static final long LONGEST_NANOS = (SLOTS - 1) * SLOT_NANOS;

    private final AtomicReference<@Nullable Lease> joined = new AtomicReference<>();

    // For one thread from here on.

    private final @Nullable Lease[] slots = new Lease[SLOTS];
    private int next;

    /** When the leases of the next slot are due. */
    private long nextNanos;

    private @Nullable Lease due;

    LeaseRounds(long nowNanos) {
        nextNanos = nowNanos + SLOT_NANOS;
    }

    /** @param lease one that is not here */
    void join(Lease lease) {
        Lease last;
        do {
            last = joined.get();
            lease.linkTo(last);
        } while (!joined.compareAndSet(last, lease));
    }

    /**
     * Begins a round: one that is late has the leases of all slots that it has missed, and one after a round that was
     * broken off has the rest of that.
     */
    void begin(long nowNanos) {
        makeDue(joined.getAndSet(null));
        while (nowNanos - nextNanos >= 0) {
            makeDue(slots[next]);
            slots[next] = null;
            next = (next + 1) % SLOTS;
            nextNanos += SLOT_NANOS;
        }
    }

    private void makeDue(@Nullable Lease first) {
        Lease lease = first;
        while (lease != null) {
            Lease following = lease.linked();
            lease.linkTo(due);
            due = lease;
            lease = following;
        }
    }

    /** Takes out the next lease of this round; null if there is none any more. */
    @Nullable Lease poll() {
        Lease polled = due;
        if (polled != null) {
            due = polled.linked();
        }
        return polled;
    }

    /**
     * Schedules a lease for a later round.
     *
     * @param lease one that was taken out
     * @param delayNanos rounded down to slots, and at most {@link #LONGEST_NANOS}
     */
    void add(Lease lease, long delayNanos) {
        int slot = (next + (int) (Math.min(delayNanos, LONGEST_NANOS) / SLOT_NANOS)) % SLOTS;
        lease.linkTo(slots[slot]);
        slots[slot] = lease;
    }
}
