package dev.weir.filter.admin;

import dev.weir.filter.config.AdminAccess;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets no request pass that neither sends the token (RFC 6750), which is compared in constant time, nor has the role.
 */
record AdminGuard(AdminAccess access) {

    private static final String SCHEME = "Bearer ";

    /** The answer to a request that may not pass; empty if it may. */
    Optional<Response> refusal(ContainerRequestContext request) {
        boolean isAdministrator = isToken(request.getHeaderString(HttpHeaders.AUTHORIZATION))
                || access.role()
                        .filter(request.getSecurityContext()::isUserInRole)
                        .isPresent();
        if (isAdministrator) {
            return Optional.empty();
        }
        return Optional.of(access.token().isPresent() ? unauthorized() : forbidden());
    }

    private boolean isToken(@Nullable String authorization) {
        Optional<String> token = access.token();
        return token.isPresent()
                && authorization != null
                && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token.get().getBytes(StandardCharsets.UTF_8),
                        authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
    }

    private static Response unauthorized() {
        return Response.fromResponse(
                        AdminProblem.of(Response.Status.UNAUTHORIZED, "Authorization: Bearer TOKEN is needed"))
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"weir\"")
                .build();
    }

    /** How to get a role, only the application knows: there is nothing to ask for. */
    private static Response forbidden() {
        return AdminProblem.of(Response.Status.FORBIDDEN, "the role of an administrator is needed");
    }
}
