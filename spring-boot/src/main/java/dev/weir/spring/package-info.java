/**
 * Weir in a Spring Boot application: {@link dev.weir.annotation.RateLimited} on controllers, and the limits in the
 * application's own configuration.
 *
 * <pre>
 *   SpringConfig          the Environment, as the Config that limits are read through
 *   LimiterConfiguration  the beans RateLimits and Weir, closed with the context
 *   ServletConfiguration  the limiter of the web application, and where requests wait for their turn
 *   MvcConfiguration      the gates of controllers' methods
 * </pre>
 *
 * <p>No type is public: an application meets the beans alone. Read first: {@code LimiterConfiguration}.
 */
@NullMarked
package dev.weir.spring;

import org.jspecify.annotations.NullMarked;
