package dev.weir.filter.config;

import java.util.Optional;

/**
 * What opens the admin resource, as configuration says it. Knows no JAX-RS, which an application without that resource
 * need not have.
 *
 * @param token empty if there is none
 * @param role empty if there is none
 */
public record AdminAccess(Optional<String> token, Optional<String> role) {

    /** Nothing opens it. */
    static final AdminAccess NONE = new AdminAccess(Optional.empty(), Optional.empty());

    public boolean isNone() {
        return token.isEmpty() && role.isEmpty();
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "AdminAccess";
    }
}
