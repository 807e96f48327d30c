package dev.weir.cdi;

import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.filter.config.ApplicationConfig;
import dev.weir.filter.config.Sources;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.inject.Singleton;
import jakarta.servlet.ServletContext;
import java.util.Comparator;
import java.util.Objects;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/** What an application can inject. */
@Dependent
class LimiterBeans {

    /**
     * The limiter of the application, from its configuration and from what it has as beans. Two beans where one is
     * meant are an error of CDI.
     */
    @Produces
    @Singleton
    static RateLimits limits(
            Instance<Store> stores,
            Instance<ClientStore> clients,
            Instance<LimiterListener> listeners,
            Instance<ApplicationMetrics> metrics,
            Instance<WebContext> web) {
        if (web.isUnsatisfied()) {
            throw new IllegalStateException(
                    "Weir needs the API of servlets on the class path, even where there are none:"
                            + " add jakarta.servlet:jakarta.servlet-api, or on Quarkus quarkus-undertow");
        }
        ServletContext context = web.get().get();
        // Which store is meant may stand in the file that is watched, or in web.xml.
        Config config = context == null ? withItsFile(ApplicationConfig.get()) : RateLimits.configuration(context);
        Store store = one(stores);
        ClientStore client = one(clients);
        if (store == null && client != null) {
            store = client.store(config);
        }
        Object registry = registry(metrics);
        return context == null
                ? RateLimits.from(config, store, one(listeners), registry)
                : RateLimits.from(context, store, one(listeners), registry);
    }

    private static Config withItsFile(Config config) {
        Sources.openFile(config);
        return config;
    }

    static void close(@Disposes RateLimits limits) {
        limits.close();
    }

    @Produces
    @Singleton
    static Weir weir(RateLimits limits) {
        return limits.weir();
    }

    @Produces
    @PolicyName("")
    static RateLimiter limiter(InjectionPoint where, Weir weir) {
        return where.getQualifiers().stream()
                .filter(PolicyName.class::isInstance)
                .map(PolicyName.class::cast)
                .findFirst()
                .map(name -> weir.limiter(name.value()))
                .orElseThrow();
    }

    /** The one of MicroProfile first, if there are two: it usually counts in the other itself. */
    private static @Nullable Object registry(Instance<ApplicationMetrics> metrics) {
        return metrics.stream()
                .sorted(Comparator.comparing(ApplicationMetrics::rank))
                .map(ApplicationMetrics::registry)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static <T> @Nullable T one(Instance<T> beans) {
        return beans.isUnsatisfied() ? null : beans.get();
    }
}
