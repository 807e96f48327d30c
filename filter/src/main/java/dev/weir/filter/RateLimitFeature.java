package dev.weir.filter;

import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Configuration;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.FeatureContext;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Charges requests to resource methods that carry {@link dev.weir.annotation.RateLimited}, and answers those above the
 * limit as {@link RateLimitFilter} does. Methods that carry none cost nothing, and nothing is configured for them.
 *
 * <p>JAX-RS implementations that look for services (Jersey, RESTEasy) find it by themselves; elsewhere an application
 * registers it: by its class, or as an instance with a limiter of its own. Registered both ways, it still charges once.
 *
 *
 * <p>The limiter is the one that an instance was given, else the property {@link RateLimits#ATTRIBUTE} of the
 * application, else that of the web application that JAX-RS is in, as {@link RateLimits#of(
 * jakarta.servlet.ServletContext)} finds it. Without a servlet container it is made from the configuration of the
 * calling thread's context class loader, and lives as long as the process; an application that ends before gives one
 * of its own and closes it:
 *
 * <pre>{@code
 * RateLimits limits = RateLimits.from(ConfigProvider.getConfig());
 * new ResourceConfig(Orders.class).register(new RateLimitFeature(limits));
 * }</pre>
 *
 * <p>Without a servlet container, JAX-RS does not say where a request comes from: {@code weir.client-id} must name
 * what tells clients from each other, and not {@code address}, or the application does not start. Requests that show
 * nothing of that count as one client. A policy with {@code at-limit=delay} is refused there.
 *
 * <p>The annotations are read once, when the application is deployed. A policy that does not exist or is named twice,
 * a cost that is not from 1 to the policy's (or its action's) capacity, or a sub-bucket that is not there, fails the
 * deployment with a message that names the resource method, and so does a bucket that nothing can name. Classes of
 * sub-resources are known to JAX-RS only when a locator first returns one: their annotations are read, and their errors
 * appear, at that request. A locator itself cannot be limited: JAX-RS runs no filter for it, so the annotation on a
 * locator fails the deployment if the class has any resource method; limit the class that it returns. For the same
 * reason a limited class may have a locator only if the class that it returns is annotated too, or if the locator is
 * {@link dev.weir.annotation.RateLimitExempt}.
 *
 * <p>Under a policy with {@code at-limit=delay} a request above the limit waits for its turn, without a thread: no
 * JAX-RS filter behind this one and no resource sees it before; those in front of it see it twice, and so do response
 * filters ({@link #PARKED}). That needs the {@link RateLimitsListener}, else the deployment fails.
 *
 * <p>Requests are charged after authentication, at the priority {@code AUTHENTICATION + 100}, and the principal is the
 * one that JAX-RS's security context has by then.
 */
@ConstrainedTo(RuntimeType.SERVER)
public final class RateLimitFeature implements DynamicFeature {

    /**
     * The property of a {@link jakarta.ws.rs.container.ContainerRequestContext} that is {@code true} while a request is
     * being parked: response filters then see an answer that is not sent, once, before they see the one that is.
     */
    public static final String PARKED = "dev.weir.filter.parked";

    private static final int PRIORITY = Priorities.AUTHENTICATION + 100;

    private final @Nullable RateLimits given;

    // Injected into an instance only after deployment by Jersey, and never by CXF.
    @Context
    private @Nullable ResourceContext injector;

    @Context
    private @Nullable Configuration configuration;

    private @Nullable ResourcePlace place;
    private boolean hasLookedForLocators;

    /** A feature of the application's own limiter, found when the first limited method is met. */
    public RateLimitFeature() {
        given = null;
    }

    /** A feature of a given limiter, which is not closed with the application. */
    public RateLimitFeature(RateLimits limits) {
        given = limits;
    }

    /**
     * The limiter of a JAX-RS application, as this feature finds it.
     *
     * @param application the application's configuration
     * @param injector what JAX-RS injects as such; null if it does not
     * @throws dev.weir.filter.config.ConfigurationException if the configuration is wrong
     */
    public static RateLimits limits(Configuration application, @Nullable ResourceContext injector) {
        return ResourcePlace.of(application, injector, null).limits();
    }

    /**
     * Reads what stands on a resource method.
     *
     * @throws IllegalArgumentException if it cannot be kept; the message names the method
     * @throws IllegalStateException if {@code weir.client-id} asks for addresses, and the application is not in a
     *     servlet container
     */
    @Override
    public void configure(ResourceInfo resource, FeatureContext context) {
        FeatureUse.askedAbout(resource.getResourceClass());
        if (context.getConfiguration().isRegistered(ResourceGate.class)) {
            return;
        }
        refuseLimitedLocators();
        DeclaredCosts.refuseLimitedLocators(resource.getResourceClass());
        Costs costs = DeclaredCosts.of(resource.getResourceClass(), resource.getResourceMethod());
        if (!costs.equals(Costs.NONE)) {
            ResourcePlace here = place(context.getConfiguration());
            String where = DeclaredCosts.where(resource.getResourceClass(), resource.getResourceMethod());
            costs.policies().forEach(cost -> here.limits().require(cost, where, here.canWait()));
            if (here.servlets() != null) {
                here.servlets().injectBy(() -> injector);
                context.register(here.servlets(), PRIORITY - 1);
            }
            context.register(new ResourceGate(new Gate(here.limits(), costs, true), here), PRIORITY);
        }
    }

    /** One for all methods, as long as its limiter is open: an application may be deployed again with this instance. */
    private synchronized ResourcePlace place(Configuration application) {
        ResourcePlace known = place;
        if (known == null || known.limits().isClosed()) {
            known = ResourcePlace.of(application, injector, given);
            place = known;
        }
        return known;
    }

    /**
     * No feature is asked about a class that has only locators: it is looked for when the first other class is
     * deployed.
     */
    private void refuseLimitedLocators() {
        if (configuration != null && !hasLookedForLocators) {
            hasLookedForLocators = true;
            registered(configuration)
                    .filter(RateLimitFeature::isResource)
                    .forEach(DeclaredCosts::refuseLimitedLocators);
        }
    }

    private static Stream<Class<?>> registered(Configuration application) {
        try {
            return Stream.concat(
                    application.getClasses().stream(),
                    application.getInstances().stream().map(Object::getClass));
        } catch (NullPointerException e) {
            return Stream.of(); // What CXF injects answers only while a request is served.
        }
    }

    private static boolean isResource(Class<?> registered) {
        return Hierarchy.of(registered).stream().anyMatch(type -> type.isAnnotationPresent(Path.class));
    }
}
