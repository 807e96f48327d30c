package dev.weir.filter;

import dev.weir.filter.config.ApplicationConfig;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceContext;
import jakarta.ws.rs.core.Configuration;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a JAX-RS application runs, and its limiter.
 *
 * @param limits the limiter
 * @param servlets what finds the servlet's requests; null if the Servlet API is not there
 * @param canWait whether requests can wait for their turn there, as far as it is known
 * @param isAlone whether the limiter was made because no web application was found
 */
record ResourcePlace(RateLimits limits, @Nullable ServletCalls servlets, boolean canWait, boolean isAlone) {

    private static final Logger LOG = System.getLogger(ResourcePlace.class.getName());

    /** A second limiter beside that of the web application would let each client have its limit twice. */
    private static final String UNKNOWN =
            "it cannot be known whether JAX-RS is in a servlet container, whose limiter is to be shared:"
                    + " RateLimitFeature and AdminFeature must be registered as a class, or as an instance that is given"
                    + " its RateLimits; where that is done, RateLimitsListener must be a listener of the web application";

    private static final String SERVLET_API = "jakarta.servlet.ServletContext";

    /** The limiters of applications without a servlet container, by class loader. */
    private static final Map<ClassLoader, RateLimits> MADE = new WeakHashMap<>();

    /**
     * The place of an application, and its limiter: {@code given}, else the property {@link RateLimits#ATTRIBUTE} of
     * the application, else that of the web application that it is in, else one of its own. An instance of {@link
     * RateLimitFeature} with a limiter learns only from requests where it is.
     *
     * @param injector null if there is none
     */
    static ResourcePlace of(Configuration application, @Nullable ResourceContext injector, @Nullable RateLimits given) {
        Object property = application.getProperty(RateLimits.ATTRIBUTE);
        RateLimits own = given == null && property instanceof RateLimits limits ? limits : given;
        if (!isServletApiThere()) {
            return outsideOfServlets(own, null);
        }
        ServletCalls servlets = new ServletCalls();
        servlets.inject(injector);
        return servlets.place(own).orElseGet(() -> {
            if (own == null && injector == null) {
                throw new IllegalStateException(UNKNOWN);
            }
            return outsideOfServlets(own, servlets);
        });
    }

    private static ResourcePlace outsideOfServlets(@Nullable RateLimits own, @Nullable ServletCalls servlets) {
        return own == null
                ? new ResourcePlace(made(), servlets, false, true)
                : new ResourcePlace(own, servlets, servlets != null, false);
    }

    /**
     * The exchange of a request that has come by a servlet; empty if it has not.
     *
     * @throws IllegalStateException if it has, although this limiter was made for JAX-RS without servlets: the request
     *     passes that of the web application too
     */
    Optional<Exchange> servletExchange(ContainerRequestContext call) {
        Optional<Exchange> exchange = servlets == null ? Optional.empty() : ServletCalls.exchange(call);
        if (isAlone && exchange.isPresent()) {
            throw new IllegalStateException(UNKNOWN);
        }
        return exchange;
    }

    private static boolean isServletApiThere() {
        try {
            Class.forName(SERVLET_API, false, ResourcePlace.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    private static RateLimits made() {
        ConfigApi.require();
        ClassLoader application = Optional.ofNullable(Thread.currentThread().getContextClassLoader())
                .orElseGet(ResourcePlace.class::getClassLoader);
        synchronized (MADE) {
            MADE.values().removeIf(RateLimits::isClosed);
            return MADE.computeIfAbsent(application, none -> madeForClientsWithoutAddress());
        }
    }

    private static RateLimits madeForClientsWithoutAddress() {
        RateLimits limits = RateLimits.from(ApplicationConfig.get());
        try {
            ResourceGate.requireClientsWithoutAddress(limits);
            LOG.log(
                    Level.INFO,
                    "JAX-RS does not say the addresses of clients here: requests that weir.client-id finds no id in"
                            + " share one limit");
            return limits;
        } catch (IllegalStateException refused) {
            limits.close();
            throw refused;
        }
    }
}
