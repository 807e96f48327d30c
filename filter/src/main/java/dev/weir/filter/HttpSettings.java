package dev.weir.filter;

import java.util.Optional;

/**
 * What configuration says about HTTP. Immutable; replaced as a whole by a reload.
 *
 * @param clientId who a request's client is; never empty for the resolver that is in force
 * @param headers which fields a response carries
 * @param admin who may administer
 */
record HttpSettings(ClientIdResolver clientId, HeaderMode headers, AdminGuard admin) {

    /** Without administration. */
    HttpSettings(ClientIdResolver clientId, HeaderMode headers) {
        this(clientId, headers, new AdminGuard(Optional.empty(), Optional.empty()));
    }
}
