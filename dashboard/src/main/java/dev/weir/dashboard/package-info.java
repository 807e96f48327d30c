/**
 * An admin page for any web application: what its limiter decides, live, and its limits. {@link
 * dev.weir.dashboard.DashboardServlet} serves it to administrators; {@link dev.weir.dashboard.Dashboard} is the page's
 * data, for an application that serves it otherwise. Needs the Servlet API and {@code weir-filter}, and no other
 * library. Read first: {@code Activity}, the listener that counts.
 */
@NullMarked
package dev.weir.dashboard;

import org.jspecify.annotations.NullMarked;
