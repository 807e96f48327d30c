package dev.weir.filter;

import jakarta.servlet.ServletContext;
import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Feature;
import jakarta.ws.rs.core.FeatureContext;
import org.jspecify.annotations.Nullable;

/**
 * Adds resources under {@code /admin} that show and change limits at run time. Never registered by itself: an application that
 * wants them registers this class, sets {@code weir.admin.token}, and has a JSON library for JAX-RS.
 *
 * <p>Every request must send {@code Authorization: Bearer} with the token. Without a token in the configuration the application
 * does not start.
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
        String token = limits.http()
                .adminToken()
                .orElseThrow(() -> new IllegalStateException(
                        "weir.admin.token is not set: the admin resource must not be open to everybody"));
        context.register(new AdminGuard(token), Priorities.AUTHENTICATION).register(new AdminResource(limits));
        return true;
    }
}
