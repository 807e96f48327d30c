package dev.weir.filter;

import java.util.Optional;

/**
 * What configuration says about HTTP. Immutable; replaced as a whole by a reload.
 *
 * @param clientId who a request's client is; never empty for the resolver that is in force
 * @param headers which fields a response carries
 * @param adminToken what administrators must send; empty if there is no administration
 */
record HttpSettings(ClientIdResolver clientId, HeaderMode headers, Optional<String> adminToken) {

    /** Without administration. */
    HttpSettings(ClientIdResolver clientId, HeaderMode headers) {
        this(clientId, headers, Optional.empty());
    }
}
