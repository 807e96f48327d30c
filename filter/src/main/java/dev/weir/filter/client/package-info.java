/**
 * Which client a request comes from: header, principal, cookie, address behind trusted proxies, or a resolver of the
 * application.
 *
 * <p>Knows neither the Servlet API nor JAX-RS, and uses nothing else of this module. Read first:
 * {@link dev.weir.filter.client.ClientRequest} and {@link dev.weir.filter.client.ClientIdResolver}, then
 * {@link dev.weir.filter.client.ClientIds}, which asks several resolvers in order.
 */
@NullMarked
package dev.weir.filter.client;

import org.jspecify.annotations.NullMarked;
