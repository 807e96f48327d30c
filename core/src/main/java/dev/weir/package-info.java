/**
 * What an application meets, and how a request becomes decisions.
 *
 * <pre>
 *   dev.weir         Weir, RateLimiter, Policy, LimitAdmin; resolution, deadline, local share, delay
 *      |     \
 *      |    lease    permits held in advance
 *      |      |
 *   memory    |      the store of one process
 *      |      |
 *    fair     |      the arithmetic of a pool
 *      |     /
 *    store           the contract of a store
 *      |
 *    limit           limits and their arithmetic
 * </pre>
 *
 * <p>Each package uses those below it, and never one above. Read first: {@link dev.weir.Weir} and
 * {@link dev.weir.Policy}; then {@code Decider}, which resolves a request into {@code ResolvedCost}s and asks the
 * store, {@code StoreGuard} for what happens when the store does not answer, {@code MultiSubjectAcquire} for requests
 * on several subjects, {@code DelayQueue} for requests that wait.
 *
 * <p>All of this depends on the JDK alone: it knows no HTTP, no Redis and no configuration API.
 */
@NullMarked
package dev.weir;

import org.jspecify.annotations.NullMarked;
