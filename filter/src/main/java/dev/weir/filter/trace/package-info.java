/**
 * What was decided on a request, in the trace of the request, where the application has OpenTelemetry.
 *
 * <p>May use {@code metrics}, for the names of outcomes. Read first: {@link dev.weir.filter.trace.DecisionTrace}.
 */
@NullMarked
package dev.weir.filter.trace;

import org.jspecify.annotations.NullMarked;
