/**
 * The admin resource: changes limits at run time over HTTP.
 *
 * <p>May use every other package of this module; none uses it. Read first: {@code AdminRoutes}. It has two doors:
 * {@link dev.weir.filter.admin.AdminFeature} for JAX-RS, the only one that needs it, and
 * {@link dev.weir.filter.admin.AdminDoor} for servlets.
 */
@NullMarked
package dev.weir.filter.admin;

import org.jspecify.annotations.NullMarked;
