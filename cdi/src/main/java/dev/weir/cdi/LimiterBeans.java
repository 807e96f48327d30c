package dev.weir.cdi;

import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.inject.Singleton;
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
        Config config = RateLimits.config();
        Store store = one(stores);
        ClientStore client = one(clients);
        if (store == null && client != null) {
            store = client.store(config);
        }
        ApplicationMetrics metric = one(metrics);
        Object registry = metric == null ? null : metric.registry();
        WebContext context = one(web);
        return context == null || context.get() == null
                ? RateLimits.from(config, store, one(listeners), registry)
                : RateLimits.from(context.get(), store, one(listeners), registry);
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

    private static <T> @Nullable T one(Instance<T> beans) {
        return beans.isUnsatisfied() ? null : beans.get();
    }
}
