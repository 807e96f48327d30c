/**
 * What a limit is: values and pure arithmetic in whole numbers. Nothing here keeps use, reads a clock, or knows of a
 * store.
 *
 * <p>May use the JDK alone. Read first: {@link dev.weir.limit.Limit}, then {@link dev.weir.limit.TokenBucket}, which
 * shows how a limit steps a {@link dev.weir.limit.State} from one moment to the next; {@link dev.weir.limit.Decision}
 * is what comes of it.
 */
@NullMarked
package dev.weir.limit;

import org.jspecify.annotations.NullMarked;
