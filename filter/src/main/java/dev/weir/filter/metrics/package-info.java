/**
 * Metrics through MicroProfile Metrics, Micrometer or OpenTelemetry, whichever the application has.
 *
 * <p>May use nothing else of this module. Read first: {@link dev.weir.filter.metrics.Metrics}.
 */
@NullMarked
package dev.weir.filter.metrics;

import org.jspecify.annotations.NullMarked;
