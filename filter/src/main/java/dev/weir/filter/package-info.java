/**
 * The doors of a web application: the servlet filter, the JAX-RS feature, and how a rejected or delayed request is
 * answered.
 *
 * <pre>
 *   admin
 *     |
 *   dev.weir.filter      RateLimitFilter, RateLimitFeature, RateLimits; headers, problems, delay
 *     |
 *   config               sources, keys, settings
 *     |      \
 *   client   metrics
 * </pre>
 *
 * <p>Each package uses those below it, and never one above. Read first: {@link dev.weir.filter.RateLimitFilter} and
 * {@link dev.weir.filter.RateLimitFeature}. Both lead to a {@code Gate}, which resolves the client, lets {@link
 * dev.weir.filter.RateLimits} decide, writes {@code RateLimitHeaders} and returns a {@code Problem}. That becomes the
 * answer, 429 for instance, in {@code ProblemResponse} for servlets and in {@code ResourceGate} for JAX-RS. A request
 * that has to wait leaves {@code Waits} behind, for {@code DelayFilter}. {@code DeclaredCosts} reads annotations.
 * {@code MethodGate} is the gate of other frameworks with methods. {@code RateLimitFeature}, {@code ResourcePlace},
 * {@code ResourceGate} and {@code ResourceExchange} need JAX-RS alone, {@code ServletCalls} both APIs, and the filters
 * the Servlet API alone. Gates need neither: they see an {@code Exchange}.
 */
@NullMarked
package dev.weir.filter;

import org.jspecify.annotations.NullMarked;
