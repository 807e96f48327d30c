/**
 * What a store is: it keeps what clients have used, and decides atomically. The contract, what is asked and answered,
 * and the steps that every store in Java shares.
 *
 * <p>May use {@link dev.weir.limit}. Read first: {@link dev.weir.store.Store}, {@link dev.weir.store.StoreRequest} and
 * {@link dev.weir.store.StoreReply}; then {@link dev.weir.store.SubjectUse}, how a store without scripts decides a
 * call, {@link dev.weir.store.Evaluation}, how one charge is judged, and {@link dev.weir.store.LeaseAccounting}, how
 * permits are leased.
 */
@NullMarked
package dev.weir.store;

import org.jspecify.annotations.NullMarked;
