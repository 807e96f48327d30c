/** What a user writes on a JAX-RS resource: {@link dev.weir.annotation.RateLimited} and its opposite. */
@NullMarked
package dev.weir.annotation;

import org.jspecify.annotations.NullMarked;
