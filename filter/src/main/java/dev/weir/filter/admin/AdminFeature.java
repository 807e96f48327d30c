package dev.weir.filter.admin;

import dev.weir.filter.RateLimits;
import dev.weir.filter.config.AdminAccess;
import jakarta.servlet.ServletContext;
import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Feature;
import jakarta.ws.rs.core.FeatureContext;
import org.jspecify.annotations.Nullable;

/**
 * Adds resources under {@code /admin} that show and change limits at run time. Never registered by itself: an
 * application that wants them registers this class, sets {@code weir.admin.token} or {@code weir.admin.role} or both,
 * and has a JSON library for JAX-RS.
 *
 * <p>Every request must send {@code Authorization: Bearer} with the token, or come from a user who has the role by
 * the security context of JAX-RS; other requests get 401 where there is a token, and otherwise 403. With neither in
 * the configuration the application does not start.
 */
@ConstrainedTo(RuntimeType.SERVER)
public final class AdminFeature implements Feature {

    @Context
    private @Nullable ServletContext servletContext;

    /** For JAX-RS, which injects what it needs. */
    public AdminFeature() {}

    @Override
    public boolean configure(FeatureContext context) {
        if (servletContext == null) {
            throw new IllegalStateException("AdminFeature must be registered as a class, in a servlet container");
        }
        RateLimits limits = RateLimits.of(servletContext);
        AdminAccess access = limits.http().admin();
        if (access.isNone()) {
            throw new IllegalStateException(
                    "neither weir.admin.token nor weir.admin.role is set: the admin resource must not be open to every client");
        }
        AdminGuard guard = new AdminGuard(access);
        context.register(guard, Priorities.AUTHORIZATION)
                .register(new AdminGuard.OfOptions(guard), Priorities.AUTHORIZATION)
                .register(new AdminReader())
                .register(new AdminClients(limits))
                .register(new AdminBuckets(limits))
                .register(new AdminResource(limits));
        return true;
    }
}
