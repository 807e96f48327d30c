package dev.weir.filter.client;

import java.util.Optional;

/**
 * Finds out from a request who its client is. Thread-safe.
 *
 * <p>An application adds one of its own by its class name, in the order in which it is to be asked:
 *
 * <pre>{@code
 * weir.client-id=class:com.example.TenantResolver, address
 * }</pre>
 *
 * The class is public, has a public constructor without parameters, and is found by the web application's class loader.
 * It is made anew whenever configuration is read, so it should keep nothing.
 */
@FunctionalInterface
public interface ClientIdResolver {

    /**
     * The client's id, or empty if this resolver does not find one: then the next one is asked, and at last the
     * address. Blanks around it do not count, and an id that is blank is none. One that is too long or cannot be
     * printed is replaced by a digest.
     */
    Optional<String> resolve(ClientRequest request);
}
