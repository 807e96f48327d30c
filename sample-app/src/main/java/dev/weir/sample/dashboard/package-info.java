/**
 * What the sample shows beside what Weir's dashboard shows of any application: single requests, and in the demo whose
 * they are. Read first: {@link dev.weir.sample.dashboard.SampleDashboard}.
 */
@NullMarked
package dev.weir.sample.dashboard;

import org.jspecify.annotations.NullMarked;
