/**
 * Which client a request comes from: header, principal, cookie, address behind trusted proxies, or a resolver of the
 * application.
 *
 * <p>May use the servlet API and nothing else of this module. Read first:
 * {@link dev.weir.filter.client.ClientIdResolver}, then {@link dev.weir.filter.client.ClientIds}, which asks several
 * resolvers in order.
 */
@NullMarked
package dev.weir.filter.client;

import org.jspecify.annotations.NullMarked;
