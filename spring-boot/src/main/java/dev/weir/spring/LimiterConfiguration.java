package dev.weir.spring;

import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.filter.metrics.BothListeners;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import java.util.Map;
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
     * {@link LimiterListener}s, makes them beans.
     */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    RateLimits weirRateLimits(
            ConfigurableEnvironment environment,
            ObjectProvider<Store> store,
            ObjectProvider<LimiterListener> listeners) {
        return RateLimits.from(
                new SpringConfig(environment, new Defaults("none", Map.of())),
                store.getIfAvailable(),
                listeners.orderedStream().reduce(BothListeners::new).orElse(null),
                null);
    }

    /** The limiter itself; closed by {@link RateLimits}. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    Weir weir(RateLimits limits) {
        return limits.weir();
    }
}
