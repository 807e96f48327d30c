package dev.weir.filter;

/**
 * What configuration says about HTTP. Immutable; replaced as a whole by a reload.
 *
 * @param clientId who a request's client is; never empty for the resolver that is in force
 * @param headers which fields a response carries
 * @param admin what opens the admin resource
 */
record HttpSettings(ClientIdResolver clientId, HeaderMode headers, AdminAccess admin) {

    /** Without administration. */
    HttpSettings(ClientIdResolver clientId, HeaderMode headers) {
        this(clientId, headers, AdminAccess.NONE);
    }
}
