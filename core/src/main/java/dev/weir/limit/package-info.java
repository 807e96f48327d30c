/**
 * What a limit is: values and pure arithmetic in whole numbers. Nothing here reads a clock or knows of a store, and
 * nothing can be changed but a {@link dev.weir.limit.TokenBucketTally}, in which a store in Java counts in place.
 *
 * <p>May use the JDK alone. Read first: {@link dev.weir.limit.Limit} and its {@link dev.weir.limit.Rate}, which an
 * application configures; then {@link dev.weir.limit.Meter}, the steps of a store;
 * {@link dev.weir.limit.TokenBucketState}, where a bucket drains, and {@link dev.weir.limit.TokenBucket}, which charges
 * it. A {@link dev.weir.limit.Decision} is the answer to a request.
 */
@NullMarked
package dev.weir.limit;

import org.jspecify.annotations.NullMarked;
