package dev.weir.filter.config;

import dev.weir.filter.client.ClientIds;

/**
 * What configuration says about HTTP. Immutable; replaced as a whole by a reload.
 *
 * @param clientId which client a request comes from
 * @param headers which fields a response carries
 * @param admin what opens the admin resource
 */
public record HttpSettings(ClientIds clientId, HeaderMode headers, AdminAccess admin) {

    /** Without administration. */
    public HttpSettings(ClientIds clientId, HeaderMode headers) {
        this(clientId, headers, AdminAccess.NONE);
    }
}
