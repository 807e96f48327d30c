package dev.weir.spring;

import dev.weir.filter.RateLimits;
import dev.weir.filter.RateLimitsListener;
import jakarta.servlet.Servlet;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Makes the limiter that of the web application, before any filter starts: a {@code RateLimitFilter} or a JAX-RS
 * resource then finds it. An embedded container runs no {@link RateLimitsListener} by itself, so it is run here, with
 * the beans that are resources with {@code @RateLimited}.
 */
@AutoConfiguration(after = LimiterConfiguration.class)
@ConditionalOnClass(Servlet.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
class ServletConfiguration {

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    ServletContextInitializer weirInitializer(
            ObjectProvider<RateLimits> limits, ConfigurableListableBeanFactory beans) {
        return context -> {
            new RateLimitsListener().onStartup(new UnreadAnnotations(beans).resources(), context);
            context.setAttribute(RateLimits.ATTRIBUTE, limits.getObject());
        };
    }
}
