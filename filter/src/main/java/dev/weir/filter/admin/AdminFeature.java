package dev.weir.filter.admin;

import dev.weir.filter.RateLimitFeature;
import dev.weir.filter.RateLimits;
import dev.weir.store.MicrosClock;
import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.container.ResourceContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Feature;
import jakarta.ws.rs.core.FeatureContext;
import org.jspecify.annotations.Nullable;

/**
 * Adds resources under {@code /admin} that show and change limits at run time. Never registered by itself: an
 * application that wants them registers this class, and sets {@code weir.admin.token} or {@code weir.admin.role} or
 * both. They need no JSON library.
 *
 * <p>Every request must send {@code Authorization: Bearer} with the token, or come from a user who has the role by
 * the security context of JAX-RS; other requests get 401 where there is a token, and otherwise 403. An address that
 * sends too many wrong tokens gets 429 for any token for a while. With neither in the configuration the application
 * does not start.
 *
 * <p>The resources answer before JAX-RS looks for one of the application's own, at the priority {@code AUTHORIZATION}
 * of filters that are {@link jakarta.ws.rs.container.PreMatching}. So the role is seen if the container has
 * authenticated the user, or a filter of the application that is pre-matching as well. Other paths under
 * {@code /admin} stay the application's.
 */
@ConstrainedTo(RuntimeType.SERVER)
public final class AdminFeature implements Feature {

    private final @Nullable RateLimits given;
    private final MicrosClock clock;

    @Context
    private @Nullable ResourceContext injector;

    /** For the limiter that {@link dev.weir.filter.RateLimitFeature} finds. */
    public AdminFeature() {
        this(null, MicrosClock.steady());
    }

    /** For a given limiter. */
    public AdminFeature(RateLimits limits) {
        this(limits, MicrosClock.steady());
    }

    /** @param clock by which wrong tokens are limited */
    AdminFeature(@Nullable RateLimits limits, MicrosClock clock) {
        given = limits;
        this.clock = clock;
    }

    @Override
    public boolean configure(FeatureContext context) {
        RateLimits limits = given == null ? RateLimitFeature.limits(context.getConfiguration(), injector) : given;
        AdminResource resource = new AdminResource(new AdminRoutes(limits, clock));
        context.register(
                isServletApiThere() ? new AdminResource.InServlets(resource, () -> injector) : resource,
                Priorities.AUTHORIZATION);
        return true;
    }

    private static boolean isServletApiThere() {
        try {
            Class.forName("jakarta.servlet.http.HttpServletRequest", false, AdminFeature.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }
}
