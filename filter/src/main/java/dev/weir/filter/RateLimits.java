package dev.weir.filter;

import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.Weir;
import dev.weir.filter.config.ApplicationConfig;
import dev.weir.filter.config.ConfigurationException;
import dev.weir.filter.config.DescriptorSource;
import dev.weir.filter.config.HttpSettings;
import dev.weir.filter.config.LiveConfig;
import dev.weir.filter.config.PlainConfig;
import dev.weir.filter.config.PolicyUses;
import dev.weir.filter.config.Sources;
import dev.weir.filter.config.Stores;
import dev.weir.filter.metrics.MetricRegistries;
import dev.weir.filter.metrics.Metrics;
import dev.weir.filter.metrics.RejectedClients;
import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * The rate limiter of one web application, with what configuration says about HTTP. It follows its configuration while
 * it lives. Thread-safe.
 *
 * <p>An application that has its own {@link Store}, for instance on a Redis client of its own, puts it into the context
 * before the first request, in a {@link jakarta.servlet.ServletContextListener}; the limiter closes it at the end:
 *
 * <pre>{@code
 * context.setAttribute(RateLimits.STORE_ATTRIBUTE, store);
 * }</pre>
 *
 * <p>In the same way it can be notified of every decision and of the store, beside the metrics:
 *
 * <pre>{@code
 * context.setAttribute(RateLimits.LISTENER_ATTRIBUTE, new LimiterListener() { ... });
 * }</pre>
 */
public final class RateLimits implements AutoCloseable {

    /**
     * The context attribute in which an application hands in a {@link Store}, instead of the one that configuration
     * names.
     */
    public static final String STORE_ATTRIBUTE = "dev.weir.Store";

    /**
     * The context attribute in which an application hands in the registry to count in: a {@code MetricRegistry} of
     * MicroProfile Metrics, for instance the one that CDI injects, a {@code MeterRegistry} of Micrometer, or an {@code
     * OpenTelemetry} or a {@code Meter} of OpenTelemetry. Without it SmallRye's shared registry of application metrics
     * is taken if it is on the class path, else Micrometer's global registry, else OpenTelemetry's global one if the
     * application has set it.
     */
    public static final String METRICS_ATTRIBUTE = MetricRegistries.ATTRIBUTE;

    /** The context attribute in which an application hands in a {@link LimiterListener} of its own. */
    public static final String LISTENER_ATTRIBUTE = "dev.weir.LimiterListener";

    /** The context attribute that holds the limiter of a web application; an application may put its own there. */
    public static final String ATTRIBUTE = "dev.weir.filter.RateLimits";

    private static final Object CREATING = new Object();

    private final Weir weir;
    private final Supplier<HttpSettings> http;
    private final Function<String, Set<String>> sources;
    private final PolicyUses uses;
    private final Map<String, String> descriptor;
    private final LongConsumer heldUp;
    private final Function<LimiterListener, Runnable> listen;
    private final AutoCloseable end;
    private final RejectedClients rejectedClients = new RejectedClients();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** A limiter that the application has configured itself. */
    RateLimits(Weir weir, Supplier<HttpSettings> http) {
        this(weir, http, owner -> Set.of(), new PolicyUses(), Map.of(), nanos -> {}, listener -> () -> {}, weir);
    }

    private RateLimits(
            Weir weir,
            Supplier<HttpSettings> http,
            Function<String, Set<String>> sources,
            PolicyUses uses,
            Map<String, String> descriptor,
            LongConsumer heldUp,
            Function<LimiterListener, Runnable> listen,
            AutoCloseable end) {
        this.weir = weir;
        this.http = http;
        this.sources = sources;
        this.uses = uses;
        this.descriptor = Map.copyOf(descriptor);
        this.heldUp = heldUp;
        this.listen = listen;
        this.end = end;
    }

    /**
     * The limiter of a web application: the context attribute {@code dev.weir.filter.RateLimits}, made from the
     * MicroProfile Config of the calling thread's context class loader when it is first asked for. Without an
     * implementation of that, the same keys are read from system properties, the environment, the file that
     * {@code weir.config.file} names and {@code META-INF/microprofile-config.properties} ({@link PlainConfig}). Either
     * way, the keys that web.xml gives count as well ({@link DescriptorSource}).
     *
     * <p>Where a {@link RateLimitsProvider} has the limiter of the application, it is that one, and attributes cannot
     * be used.
     *
     * @throws ConfigurationException if the configuration is wrong
     * @throws IllegalArgumentException if an attribute is not what it should be, or web.xml contradicts itself
     * @throws IllegalStateException if there is a provider's limiter that ignores an attribute or web.xml
     */
    public static RateLimits of(ServletContext context) {
        synchronized (CREATING) {
            RateLimits limits = ProvidedLimits.of(context).orElseGet(() -> heldOrMade(context));
            context.setAttribute(ATTRIBUTE, limits);
            return limits;
        }
    }

    private static RateLimits heldOrMade(ServletContext context) {
        if (context.getAttribute(ATTRIBUTE) instanceof RateLimits held && !held.isClosed()) {
            return held;
        }
        UnreadSpringFiles.report(context.getClassLoader());
        return from(
                context,
                attribute(context, STORE_ATTRIBUTE, Store.class),
                attribute(context, LISTENER_ATTRIBUTE, LimiterListener.class),
                context.getAttribute(METRICS_ATTRIBUTE));
    }

    private static <T> @Nullable T attribute(ServletContext context, String name, Class<T> type) {
        Object value = context.getAttribute(name);
        if (value != null && !type.isInstance(value)) {
            throw new IllegalArgumentException("%s must be a %s, but is a %s"
                    .formatted(name, type.getName(), value.getClass().getName()));
        }
        return type.cast(value);
    }

    /**
     * A limiter for an application without servlets, or for a test. The caller closes it.
     *
     * @throws ConfigurationException if the configuration is wrong
     */
    public static RateLimits from(Config config) {
        return from(config, null, null, null);
    }

    /**
     * As {@link #from(Config)}, on a store of the application's own instead of the one that configuration names. It is
     * closed with the limiter.
     *
     * @throws ConfigurationException if the configuration is wrong; the store stays open then
     */
    public static RateLimits from(Config config, Store store) {
        return from(config, store, null, null);
    }

    /**
     * As {@link #from(Config, Store)}, with what an application otherwise hands in by context attributes.
     *
     * @param store null for the one that configuration names
     * @param listener notified of every decision beside the metrics, or null
     * @param metricRegistry where to count, as {@link #METRICS_ATTRIBUTE} describes, or null
     * @throws ConfigurationException if the configuration is wrong; the store stays open then
     * @throws IllegalArgumentException if {@code metricRegistry} is something else
     */
    public static RateLimits from(
            Config config, @Nullable Store store, @Nullable LimiterListener listener, @Nullable Object metricRegistry) {
        return from(config, Map.of(), store, listener, metricRegistry);
    }

    /**
     * The configuration that the limiter of a web application is made from, for a {@link RateLimitsProvider} that asks
     * for values before it has a limiter: that of {@link #of}, with what web.xml gives and what stands in the file that
     * is watched.
     *
     * @throws ConfigurationException if web.xml gives keys, and the configuration cannot have them
     */
    public static Config configuration(ServletContext context) {
        Config config = ApplicationConfig.get();
        DescriptorSource.say(config, DeploymentDescriptor.read(context));
        Sources.openFile(config);
        return config;
    }

    /**
     * A limiter for a web application that has what it is made of elsewhere than in attributes of its context, as a
     * {@link RateLimitsProvider} has. Its configuration is that of {@link #of}.
     *
     * @param metricRegistry as in {@link #METRICS_ATTRIBUTE}
     * @throws ConfigurationException if the configuration is wrong; a given store stays open then
     */
    public static RateLimits from(
            ServletContext context,
            @Nullable Store store,
            @Nullable LimiterListener listener,
            @Nullable Object metricRegistry) {
        return from(configuration(context), DeploymentDescriptor.read(context), store, listener, metricRegistry);
    }

    private static RateLimits from(
            Config config,
            Map<String, String> descriptor,
            @Nullable Store store,
            @Nullable LimiterListener listener,
            @Nullable Object metricRegistry) {
        PolicyUses uses = new PolicyUses();
        Metrics metrics = MetricRegistries.metrics(metricRegistry);
        LiveConfig live = new LiveConfig(config, Stores.onClassPath(), store, listener, metrics, uses);
        return new RateLimits(
                live.weir(), live::http, live::sources, uses, descriptor, metrics::heldUp, live::listen, live);
    }

    /** Which clients the filters, resources and controllers of this instance have rejected most often. */
    public RejectedClients rejectedClients() {
        return rejectedClients;
    }

    /** The limiter itself. */
    public Weir weir() {
        return weir;
    }

    /** What configuration says about HTTP now. */
    public HttpSettings http() {
        return http.get();
    }

    /**
     * Notifies one listener more of what the limiter does from now on, beside the metrics and that of {@link
     * #LISTENER_ATTRIBUTE}.
     *
     * @return what ends that; to run it twice does nothing more
     */
    public Runnable listen(LimiterListener listener) {
        return listen.apply(listener);
    }

    /**
     * The names of the sources of the configuration that say anything of a policy or a pool, sorted.
     *
     * @param owner what its keys begin with: {@code weir.policy.search}
     */
    public Set<String> sources(String owner) {
        return sources.apply(owner);
    }

    /**
     * Writes into a response what a decision means for its client, for an application that asks {@link #weir()} itself:
     * the fields that configuration chooses, and for a rejection the status, {@code Retry-After} and that it is not to
     * be cached. A body is the application's business. Policies in shadow mode show no fields.
     */
    public void describe(HttpServletResponse response, Decisions decisions) {
        List<Decision> shown = decisions.each().stream()
                .filter(decision -> !isShadow(decision.policy()))
                .toList();
        if (!shown.isEmpty()) {
            RateLimitHeaders.describe(response::setHeader, http().headers(), new Decisions(shown));
        }
        if (!decisions.permitted()) {
            response.setStatus(Problem.of(decisions).status());
            RateLimitHeaders.reject(response::setHeader, decisions);
        }
    }

    /**
     * Makes sure that a policy is there and that its capacity is enough, and that no reload takes it away.
     *
     * @param ask the most that is asked for at once
     * @param where what asks, for the message of an error
     * @param canWait whether requests can wait there for their turn
     * @throws IllegalArgumentException if there is no such policy or sub-bucket, the cost can never pass it, or it
     *     delays requests that cannot wait
     */
    public void require(PolicyCost ask, String where, boolean canWait) {
        uses.require(weir, ask, where, canWait);
    }

    /** A request was held up for so long until it was decided on. */
    void heldUp(long nanos) {
        heldUp.accept(nanos);
    }

    /** Whether requests wait for their turn under a policy. */
    boolean delays(String policy) {
        Policy now = weir.policies().get(policy);
        return now != null && !now.behaviour().maxDelay().isZero();
    }

    /** Whether a policy is only being tried out; one that does not exist is not. */
    boolean isShadow(String policy) {
        Policy now = weir.policies().get(policy);
        return now != null && now.behaviour().shadow();
    }

    /** Whether web.xml says this of a key, and this limiter was made from it. */
    boolean wasMadeWith(String key, String value) {
        return value.equals(descriptor.get(key));
    }

    /** Whether this limiter was made from all that web.xml says. */
    boolean wasMadeWith(Map<String, String> all) {
        return descriptor.equals(all);
    }

    /** Whether this has ended, or is about to. */
    boolean isClosed() {
        return closed.get();
    }

    /** Ends the limiter, and closes its store. Does nothing the second time. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                end.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
