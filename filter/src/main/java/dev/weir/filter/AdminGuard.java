package dev.weir.filter;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.PathSegment;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets nobody pass who neither sends the token (RFC 6750), which is compared in constant time, nor has the role.
 *
 * @param token empty if there is none
 * @param role empty if there is none
 */
@Administrators
record AdminGuard(Optional<String> token, Optional<String> role) implements ContainerRequestFilter {

    private static final String SCHEME = "Bearer ";

    @Override
    public void filter(ContainerRequestContext request) {
        boolean isAdministrator = isToken(request.getHeaderString(HttpHeaders.AUTHORIZATION))
                || role.filter(request.getSecurityContext()::isUserInRole).isPresent();
        if (!isAdministrator) {
            request.abortWith(token.isPresent() ? unauthorized() : forbidden());
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "AdminGuard";
    }

    private boolean isToken(@Nullable String authorization) {
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

    /** The same for OPTIONS, which JAX-RS answers by itself, past what is bound to the resource. */
    record OfOptions(AdminGuard guard) implements ContainerRequestFilter {

        @Override
        public void filter(ContainerRequestContext request) {
            List<PathSegment> path = request.getUriInfo().getPathSegments();
            if (request.getMethod().equals(HttpMethod.OPTIONS)
                    && !path.isEmpty()
                    && path.get(0).getPath().equals(AdminResource.PATH)) {
                guard.filter(request);
            }
        }
    }
}
