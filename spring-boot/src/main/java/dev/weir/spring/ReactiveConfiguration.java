package dev.weir.spring;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;

/** An application on WebFlux, whose controllers nothing limits: with {@code @RateLimited} on one it does not start. */
@AutoConfiguration
@ConditionalOnWebApplication(type = Type.REACTIVE)
class ReactiveConfiguration {

    @Bean
    SmartInitializingSingleton weirAnnotationCheck(ConfigurableListableBeanFactory beans) {
        return () -> new UnreadAnnotations(beans).refuse();
    }
}
