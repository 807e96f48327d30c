/**
 * Permits that this instance holds in advance, so that a busy client is decided without a call of the store.
 *
 * <p>May use {@link dev.weir.limit} and {@link dev.weir.store}. Read first: {@link dev.weir.lease.LeasingStore} for the
 * assumptions and guarantees, {@code Lease} for the life of one lease, {@code HeldPermits} for what it holds and when
 * that expires, {@code PermitCounter} for spending without a lock.
 */
@NullMarked
package dev.weir.lease;

import org.jspecify.annotations.NullMarked;
