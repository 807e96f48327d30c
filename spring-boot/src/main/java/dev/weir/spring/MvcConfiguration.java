package dev.weir.spring;

import dev.weir.filter.RateLimits;
import jakarta.servlet.ServletContext;
import java.util.HashSet;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.MappedInterceptor;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/** {@code @RateLimited} on controllers. */
@AutoConfiguration(after = ServletConfiguration.class)
@ConditionalOnClass(DispatcherServlet.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
class MvcConfiguration {

    @Bean
    ControllerGates weirControllerGates(RateLimits limits, ServletContext context) {
        return new ControllerGates(limits, context);
    }

    /** A mapped interceptor, because every handler mapping takes it: those of other frameworks' controllers as well. */
    @Bean
    MappedInterceptor weirInterceptor(ControllerGates gates) {
        return new MappedInterceptor(null, gates);
    }

    /** An annotation that cannot be kept fails the start; one that nothing reads is logged. */
    @Bean
    SmartInitializingSingleton weirAnnotationCheck(
            ControllerGates gates,
            ObjectProvider<RequestMappingInfoHandlerMapping> mappings,
            ConfigurableListableBeanFactory beans) {
        return () -> {
            Set<Class<?>> controllers = new HashSet<>();
            mappings.stream()
                    .flatMap(mapping -> mapping.getHandlerMethods().values().stream())
                    .forEach(method -> {
                        gates.of(method);
                        controllers.add(method.getBeanType());
                    });
            new UnreadAnnotations(beans).warn(controllers);
        };
    }
}
