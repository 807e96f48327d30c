/**
 * What a limit is: values and pure arithmetic in whole numbers. Nothing here keeps use, reads a clock, or knows of a
 * store.
 *
 * <p>May use the JDK alone. Read first: {@link dev.weir.limit.Limit} and its {@link dev.weir.limit.Rate}, which an
 * application configures; then {@link dev.weir.limit.Meter}, the steps of a store;
 * {@link dev.weir.limit.TokenBucketState}, where a bucket drains, and {@link dev.weir.limit.TokenBucket}, which charges
 * it. A {@link dev.weir.limit.Decision} is the answer to a request.
 */
@NullMarked
package dev.weir.limit;

import org.jspecify.annotations.NullMarked;
