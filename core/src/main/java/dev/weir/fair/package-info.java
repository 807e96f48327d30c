/**
 * The arithmetic of a fair pool: how much of a shared capacity a client may take now, by weight.
 *
 * <p>May use {@link dev.weir.limit} and {@link dev.weir.store}. Read first: {@link dev.weir.fair.FairPool}.
 */
@NullMarked
package dev.weir.fair;

import org.jspecify.annotations.NullMarked;
