package dev.weir.filter;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Lets nobody pass who does not send the token (RFC 6750). It is compared in constant time. */
@Administrators
final class AdminGuard implements ContainerRequestFilter {

    private static final String SCHEME = "Bearer ";

    private final byte[] token;

    AdminGuard(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (!isToken(request.getHeaderString(HttpHeaders.AUTHORIZATION))) {
            request.abortWith(Response.fromResponse(
                            AdminProblem.of(Response.Status.UNAUTHORIZED, "Authorization: Bearer TOKEN is needed"))
                    .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"weir\"")
                    .build());
        }
    }

    private boolean isToken(@Nullable String authorization) {
        return authorization != null
                && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token, authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
    }
}
