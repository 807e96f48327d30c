package dev.weir.filter.admin;

import dev.weir.filter.config.AdminAccess;
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
 * Lets no request pass that neither sends the token (RFC 6750), which is compared in constant time, nor has the role.
 */
@Administrators
record AdminGuard(AdminAccess access) implements ContainerRequestFilter {

    private static final String SCHEME = "Bearer ";

    @Override
    public void filter(ContainerRequestContext request) {
        boolean isAdministrator = isToken(request.getHeaderString(HttpHeaders.AUTHORIZATION))
                || access.role()
                        .filter(request.getSecurityContext()::isUserInRole)
                        .isPresent();
        if (!isAdministrator) {
            request.abortWith(access.token().isPresent() ? unauthorized() : forbidden());
        }
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
