/**
 * What the page shows live: counters that a listener of the limiter keeps, and the events that carry them to browsers.
 * Read first: {@link dev.weir.sample.dashboard.Activity}.
 */
@NullMarked
package dev.weir.sample.dashboard;

import org.jspecify.annotations.NullMarked;
