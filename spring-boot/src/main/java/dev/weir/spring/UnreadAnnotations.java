package dev.weir.spring;

import dev.weir.annotation.RateLimited;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;

/**
 * Warns of {@link RateLimited} on beans of the application's own packages where nothing reads it. It does not fail the
 * start: a bean may have inherited it from an interface that it shares with a controller, a client of it for instance.
 */
record UnreadAnnotations(ConfigurableListableBeanFactory beans) {

    private static final Logger LOG = System.getLogger(UnreadAnnotations.class.getName());
    private static final String JAX_RS = "jakarta.ws.rs.Path";

    /** @param controllers the classes whose annotations are read */
    void warn(Set<Class<?>> controllers) {
        if (!AutoConfigurationPackages.has(beans)) {
            return;
        }
        List<String> packages = AutoConfigurationPackages.get(beans);
        for (String name : beans.getBeanDefinitionNames()) {
            Class<?> type = beans.getType(name, false);
            Class<?> own = type == null ? Object.class : ClassUtils.getUserClass(type);
            boolean isOfApplication = packages.stream().anyMatch(own.getName()::startsWith);
            if (isOfApplication && !controllers.contains(own) && isLimited(own)) {
                LOG.log(
                        Level.WARNING,
                        "@RateLimited on {0} (bean {1}) limits nothing: it is read on controllers of Spring MVC and on"
                                + " resources of JAX-RS. Elsewhere, ask the bean dev.weir.Weir",
                        own.getName(),
                        name);
            }
        }
    }

    private static boolean isLimited(Class<?> type) {
        MergedAnnotations ofType = MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY);
        return !ofType.isPresent(JAX_RS)
                && (ofType.isPresent(RateLimited.class)
                        || !MethodIntrospector.selectMethods(type, (MethodIntrospector.MetadataLookup<Boolean>)
                                        method -> MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY)
                                                        .isPresent(RateLimited.class)
                                                ? true
                                                : null)
                                .isEmpty());
    }
}
