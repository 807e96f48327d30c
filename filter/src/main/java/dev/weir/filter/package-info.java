/**
 * Weir in a web application: servlet filter, JAX-RS feature, client identity, configuration and metrics.
 *
 * <p>Reading order: {@link dev.weir.filter.RateLimitFilter} and {@link dev.weir.filter.RateLimitFeature} are the two
 * doors; both lead to a {@code Gate}, which asks {@code ClientIds} who comes, lets {@link dev.weir.filter.RateLimits}
 * decide, and writes {@code RateLimitHeaders} and a {@code Problem}. A request that has to wait leaves {@code Waits}
 * behind, for {@code DelayFilter}. {@code DeclaredCosts} reads annotations. Behind {@code RateLimits},
 * {@code LiveConfig} follows the configuration: {@code ConfigSnapshot} is what the sources say, {@code ConfigKeys} what
 * they may say, and {@code Settings} what it means. {@link dev.weir.filter.AdminFeature} lets people look and change,
 * and {@code MicroProfileMetrics} counts.
 */
@NullMarked
package dev.weir.filter;

import org.jspecify.annotations.NullMarked;
