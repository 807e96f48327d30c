package dev.weir.spring;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Metrics in the application's {@link MeterRegistry}. */
@AutoConfiguration(before = LimiterConfiguration.class)
@ConditionalOnClass(MeterRegistry.class)
class MicrometerConfiguration {

    @Bean
    MeterRegistryBean weirMeterRegistry(ObjectProvider<MeterRegistry> registries) {
        return new MeterRegistryBean(Optional.ofNullable(registries.getIfUnique()));
    }
}
