/**
 * What a limit is: values and pure arithmetic in whole numbers. Nothing here keeps use, reads a clock, or knows of a
 * store.
 *
 * <p>May use the JDK alone. Read first: {@link dev.weir.limit.Limit}, which is all that an application needs, then
 * {@link dev.weir.limit.Meter}, the steps of a store, and {@link dev.weir.limit.TokenBucket}, which shows how they take
 * a {@link dev.weir.limit.State} from one moment to the next; {@link dev.weir.limit.Decision} is what comes of it.
 */
@NullMarked
package dev.weir.limit;

import org.jspecify.annotations.NullMarked;
