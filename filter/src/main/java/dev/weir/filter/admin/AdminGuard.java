package dev.weir.filter.admin;

import dev.weir.filter.RateLimits;
import dev.weir.filter.client.ClientIds;
import dev.weir.filter.config.AdminAccess;
import dev.weir.store.MicrosClock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets no request pass that neither has the role nor sends the token (RFC 6750), which is compared in constant time. A
 * request that sends a bearer token, and has no role, is a guess if that is not the right one: {@link GuessLimit}. One
 * that sends none is no guess.
 *
 * @param access the token and the role
 * @param addresses which address a request comes from, as the application's trusted proxies have it
 * @param guesses limits wrong tokens
 */
record AdminGuard(AdminAccess access, Function<AdminCall, String> addresses, GuessLimit guesses) {

    private static final Logger LOG = System.getLogger(AdminGuard.class.getName());
    private static final String SCHEME = "Bearer ";

    /** @throws IllegalStateException if the configuration has neither a token nor a role */
    static AdminGuard of(RateLimits limits, MicrosClock clock) {
        AdminAccess access = limits.http().admin();
        if (access.isNone()) {
            throw new IllegalStateException(
                    "neither weir.admin.token nor weir.admin.role is set: the admin resource must not be open to every"
                            + " client");
        }
        AtomicBoolean hasSaid = new AtomicBoolean();
        return new AdminGuard(access, call -> address(call, limits.http().clientId(), hasSaid), new GuessLimit(clock));
    }

    private static String address(AdminCall call, ClientIds ids, AtomicBoolean hasSaid) {
        Optional<String> peer = call.peer();
        if (peer.isEmpty() && hasSaid.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "a token was sent to the admin resource, and JAX-RS does not say from which address: wrong tokens"
                            + " are limited for all senders together");
        }
        return ids.ofAddress(peer, call::fields);
    }

    /** The answer to a request that may not pass; empty if it may. */
    Optional<AdminAnswer> refusal(AdminCall call) {
        if (hasRole(call)) {
            return Optional.empty();
        }
        if (access.token().isEmpty()) {
            return Optional.of(AdminProblem.forbidden());
        }
        return refusalByToken(call);
    }

    /** Whether it is the token that lets a request pass. One that has the role guesses none, whatever it sends. */
    boolean passesByToken(AdminCall call) {
        return !hasRole(call) && refusalByToken(call).isEmpty();
    }

    private boolean hasRole(AdminCall call) {
        return access.role().filter(call::hasRole).isPresent();
    }

    private Optional<AdminAnswer> refusalByToken(AdminCall call) {
        String token = bearerToken(call);
        return token == null
                ? Optional.of(AdminProblem.unauthorized())
                : guesses.refusal(addresses.apply(call), () -> isRight(token));
    }

    private static @Nullable String bearerToken(AdminCall call) {
        String authorization = call.field("Authorization");
        return authorization != null && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? authorization.substring(SCHEME.length()).strip()
                : null;
    }

    private boolean isRight(String token) {
        return access.token()
                .filter(right -> MessageDigest.isEqual(
                        right.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }
}
