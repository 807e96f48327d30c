package dev.weir.filter.admin;

import dev.weir.filter.RateLimits;
import dev.weir.filter.config.AdminAccess;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets no request pass that neither sends the token (RFC 6750), which is compared in constant time, nor has the role.
 */
record AdminGuard(AdminAccess access) {

    private static final String SCHEME = "Bearer ";

    /** @throws IllegalStateException if the configuration has neither a token nor a role */
    static AdminGuard of(RateLimits limits) {
        AdminAccess access = limits.http().admin();
        if (access.isNone()) {
            throw new IllegalStateException(
                    "neither weir.admin.token nor weir.admin.role is set: the admin resource must not be open to every"
                            + " client");
        }
        return new AdminGuard(access);
    }

    /** The answer to a request that may not pass; empty if it may. */
    Optional<AdminAnswer> refusal(AdminCall call) {
        boolean isAdministrator =
                hasToken(call) || access.role().filter(call::hasRole).isPresent();
        if (isAdministrator) {
            return Optional.empty();
        }
        return Optional.of(access.token().isPresent() ? unauthorized() : forbidden());
    }

    /** Whether a request sends the token, and needs no role. */
    boolean hasToken(AdminCall call) {
        return isToken(call.field("Authorization"));
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

    private static AdminAnswer unauthorized() {
        return AdminProblem.of(AdminStatus.UNAUTHORIZED, "Authorization: Bearer TOKEN is needed")
                .with("WWW-Authenticate", "Bearer realm=\"weir\"");
    }

    /** How to get a role, only the application knows: there is nothing to ask for. */
    private static AdminAnswer forbidden() {
        return AdminProblem.of(AdminStatus.FORBIDDEN, "the role of an administrator is needed");
    }
}
