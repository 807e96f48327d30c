/**
 * The limiter as beans of CDI 4: {@link dev.weir.Weir}, {@link dev.weir.filter.RateLimits} and, by
 * {@link dev.weir.cdi.PolicyName}, a {@link dev.weir.RateLimiter}.
 *
 * <p>Only what CDI Lite has is used, so that containers that decide at build time work too. Read first:
 * {@link dev.weir.cdi.WeirExtension}, which says what beans there are.
 */
@NullMarked
package dev.weir.cdi;

import org.jspecify.annotations.NullMarked;
