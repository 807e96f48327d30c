package dev.weir.filter.config;

import dev.weir.filter.client.ClientIdResolver;

/**
 * What configuration says about HTTP. Immutable; replaced as a whole by a reload.
 *
 * @param clientId which client a request comes from; never empty for the resolver that is in force
 * @param headers which fields a response carries
 * @param admin what opens the admin resource
 */
public record HttpSettings(ClientIdResolver clientId, HeaderMode headers, AdminAccess admin) {

    /** Without administration. */
    public HttpSettings(ClientIdResolver clientId, HeaderMode headers) {
        this(clientId, headers, AdminAccess.NONE);
    }
}
