/**
 * A web application with rate limits, to try Weir on: {@link dev.weir.sample.SampleApp} starts it,
 * {@code webapp/WEB-INF/web.xml} shows the servlet filter, {@code OrdersResource} the annotation.
 */
@NullMarked
package dev.weir.sample;

import org.jspecify.annotations.NullMarked;
