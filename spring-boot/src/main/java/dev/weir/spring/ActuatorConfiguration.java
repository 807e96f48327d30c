package dev.weir.spring;

import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The endpoint and the health of Actuator. The limiter is up as long as it decides, and it does without its store too:
 * an instance is not to be taken out of service because Redis is away. So the store is a detail.
 */
@AutoConfiguration(after = LimiterConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
class ActuatorConfiguration {

    @Bean
    @ConditionalOnAvailableEndpoint
    WeirEndpoint weirEndpoint(RateLimits limits) {
        return new WeirEndpoint(limits);
    }

    /** Of Spring Boot 3. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(org.springframework.boot.actuate.health.HealthIndicator.class)
    @ConditionalOnProperty(name = "management.health.weir.enabled", matchIfMissing = true)
    static class Boot3Health {

        @Bean
        org.springframework.boot.actuate.health.HealthIndicator weirHealthIndicator(Weir weir) {
            return () -> org.springframework.boot.actuate.health.Health.up()
                    .withDetails(new StoreReport(weir).fields())
                    .build();
        }
    }

    /** Of Spring Boot 4, which has them in another package. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(org.springframework.boot.health.contributor.HealthIndicator.class)
    @ConditionalOnProperty(name = "management.health.weir.enabled", matchIfMissing = true)
    static class Boot4Health {

        @Bean
        org.springframework.boot.health.contributor.HealthIndicator weirHealthIndicator(Weir weir) {
            return () -> org.springframework.boot.health.contributor.Health.up()
                    .withDetails(new StoreReport(weir).fields())
                    .build();
        }
    }
}
