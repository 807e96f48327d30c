package dev.weir.spring;

import dev.weir.annotation.RateLimited;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;

/**
 * {@link RateLimited} on beans of the application's own packages where nothing reads it. In Spring MVC that is a
 * warning: a bean may have inherited it from an interface that it shares with a controller, a client of it for
 * instance. WebFlux has no controller that is limited, so there it fails the start.
 */
record UnreadAnnotations(ConfigurableListableBeanFactory beans) {

    /** A bean with the annotation, by its class as it was written. */
    private record Limited(String name, Class<?> type) {}

    private static final Logger LOG = System.getLogger(UnreadAnnotations.class.getName());
    private static final String JAX_RS = "jakarta.ws.rs.Path";

    /** @param controllers the classes whose annotations are read */
    void warn(Set<Class<?>> controllers) {
        limited()
                .filter(bean -> !isResource(bean.type()) && !controllers.contains(bean.type()))
                .forEach(bean -> LOG.log(
                        Level.WARNING,
                        "@RateLimited on {0} (bean {1}) limits nothing: it is read on controllers of Spring MVC and on"
                                + " resources of JAX-RS. Elsewhere, ask the bean dev.weir.Weir",
                        bean.type().getName(),
                        bean.name()));
    }

    /** @throws IllegalStateException if there is one */
    void refuse() {
        limited().filter(bean -> !isResource(bean.type())).findFirst().ifPresent(bean -> {
            throw new IllegalStateException(("@RateLimited on %s (bean %s) would limit nothing: this application is on"
                            + " WebFlux, and it is read on controllers of Spring MVC and on resources of JAX-RS. Remove"
                            + " it and ask the bean dev.weir.Weir, or use spring-boot-starter-web")
                    .formatted(bean.type().getName(), bean.name()));
        });
    }

    /** Those that JAX-RS reads, if it knows the feature. No bean is made for it. */
    Set<Class<?>> resources() {
        return limited()
                .map(Limited::type)
                .filter(UnreadAnnotations::isResource)
                .collect(Collectors.toSet());
    }

    private Stream<Limited> limited() {
        if (!AutoConfigurationPackages.has(beans)) {
            return Stream.of();
        }
        List<String> packages = AutoConfigurationPackages.get(beans);
        return Arrays.stream(beans.getBeanDefinitionNames())
                .map(name -> new Limited(name, ownType(name)))
                .filter(bean -> packages.stream().anyMatch(bean.type().getName()::startsWith))
                .filter(bean -> isLimited(bean.type()));
    }

    private Class<?> ownType(String name) {
        Class<?> type = beans.getType(name, false);
        return type == null ? Object.class : ClassUtils.getUserClass(type);
    }

    private static boolean isResource(Class<?> type) {
        return MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY).isPresent(JAX_RS);
    }

    private static boolean isLimited(Class<?> type) {
        return MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY).isPresent(RateLimited.class)
                || !MethodIntrospector.selectMethods(type, (MethodIntrospector.MetadataLookup<Boolean>)
                                method -> MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY)
                                                .isPresent(RateLimited.class)
                                        ? true
                                        : null)
                        .isEmpty();
    }
}
