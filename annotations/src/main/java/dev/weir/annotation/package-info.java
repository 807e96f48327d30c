/**
 * What a user writes on a JAX-RS resource: {@link dev.weir.annotation.RateLimited} and its opposite.
 *
 * <p>May use the JDK alone. Read first: {@link dev.weir.annotation.RateLimited}.
 */
@NullMarked
package dev.weir.annotation;

import org.jspecify.annotations.NullMarked;
