/**
 * The admin resource: changes limits at run time over HTTP. All of it needs JAX-RS.
 *
 * <p>May use every other package of this module; none uses it. Read first: {@link dev.weir.filter.admin.AdminFeature}.
 */
@NullMarked
package dev.weir.filter.admin;

import org.jspecify.annotations.NullMarked;
