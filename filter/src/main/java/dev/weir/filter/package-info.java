/** Weir in a web application: servlet filter, JAX-RS feature, client identity, configuration and metrics. */
@NullMarked
package dev.weir.filter;

import org.jspecify.annotations.NullMarked;
