package dev.weir.spring;

import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.filter.metrics.BothListeners;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/** The application's limiter, which follows the environment while the context lives, and is closed with it. */
@AutoConfiguration
class LimiterConfiguration {

    /**
     * The limiter and what configuration says about HTTP. An application that has a {@link Store} of its own, or
     * {@link LimiterListener}s, makes them beans; the store is closed with the limiter.
     */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    RateLimits weirRateLimits(
            ConfigurableEnvironment environment,
            ObjectProvider<Store> stores,
            ObjectProvider<SharedStore> sharedStore,
            ObjectProvider<LimiterListener> listeners,
            ObjectProvider<MeterRegistryBean> meters) {
        SharedStore shared = sharedStore.getIfAvailable(() -> SharedStore.NONE);
        LimiterListener listener =
                listeners.orderedStream().reduce(BothListeners::new).orElse(null);
        Object registry = meters.stream()
                .findFirst()
                .<Object>flatMap(MeterRegistryBean::registry)
                .orElse(null);
        Store own = stores.getIfAvailable();
        SpringConfig said = new SpringConfig(environment);
        Store opened = own == null ? shared.open(said).orElse(null) : null;
        SpringConfig config = own == null && opened == null ? said.with(shared.defaults()) : said;
        try {
            return RateLimits.from(config, own == null ? opened : own, listener, registry);
        } catch (RuntimeException | Error e) {
            close(opened);
            throw e;
        }
    }

    private static void close(@Nullable Store opened) {
        if (opened != null) {
            opened.close();
        }
    }

    /** The limiter itself; closed by {@link RateLimits}. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    Weir weir(RateLimits limits) {
        return limits.weir();
    }
}
