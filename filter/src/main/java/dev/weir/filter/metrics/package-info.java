/**
 * Metrics through MicroProfile Metrics, where the application has it.
 *
 * <p>May use nothing else of this module. Read first: {@link dev.weir.filter.metrics.Metrics}.
 */
@NullMarked
package dev.weir.filter.metrics;

import org.jspecify.annotations.NullMarked;
