package dev.weir.cdi;

import dev.weir.annotation.RateLimited;
import jakarta.enterprise.inject.build.compatible.spi.BeanInfo;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.ClassConfig;
import jakarta.enterprise.inject.build.compatible.spi.Discovery;
import jakarta.enterprise.inject.build.compatible.spi.Enhancement;
import jakarta.enterprise.inject.build.compatible.spi.Messages;
import jakarta.enterprise.inject.build.compatible.spi.ObserverInfo;
import jakarta.enterprise.inject.build.compatible.spi.Registration;
import jakarta.enterprise.inject.build.compatible.spi.ScannedClasses;
import jakarta.enterprise.inject.build.compatible.spi.Synthesis;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticComponents;
import jakarta.enterprise.inject.build.compatible.spi.Validation;
import jakarta.enterprise.lang.model.AnnotationInfo;
import jakarta.enterprise.lang.model.AnnotationTarget;
import jakarta.enterprise.lang.model.declarations.MethodInfo;
import jakarta.enterprise.lang.model.declarations.ParameterInfo;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says what beans there are, and finds the policies that are injected, so that the start can check them. Found by the
 * container by itself.
 */
public final class WeirExtension implements BuildCompatibleExtension {

    private static final String QUARKUS_REST = "org.jboss.resteasy.reactive.server.core.Deployment";

    private final Set<String> limited = new TreeSet<>();
    private final List<String> policies = new ArrayList<>();
    private final List<String> places = new ArrayList<>();

    /** For the container. */
    public WeirExtension() {}

    /** A bean that needs an optional library is one only where that library is. */
    @Discovery
    public void beans(ScannedClasses classes) {
        classes.add("dev.weir.cdi.LimiterBeans");
        classes.add("dev.weir.cdi.LimiterLifecycle");
        if (isThere("jakarta.servlet.ServletContext")) {
            classes.add("dev.weir.cdi.WebContext");
        }
        if (isThere("org.redisson.api.RedissonClient") && isThere("dev.weir.redisson.RedissonStore")) {
            classes.add("dev.weir.cdi.RedissonClientStore");
        }
        if (isThere("org.eclipse.microprofile.metrics.MetricRegistry")) {
            classes.add("dev.weir.cdi.MicroProfileRegistry");
        }
        if (isThere("io.micrometer.core.instrument.MeterRegistry")) {
            classes.add("dev.weir.cdi.MicrometerRegistry");
        }
    }

    private static boolean isThere(String type) {
        try {
            Class.forName(type, false, WeirExtension.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError absent) {
            return false;
        }
    }

    /** The classes of the application that {@link RateLimited} stands on. */
    @Enhancement(types = Object.class, withSubtypes = true, withAnnotations = RateLimited.class)
    public void limited(ClassConfig type) {
        limited.add(type.info().name());
    }

    /** Quarkus REST has no servlets, without which no request would be limited. */
    @Validation
    public void refuse(Messages messages) {
        if (!limited.isEmpty() && isThere(QUARKUS_REST)) {
            messages.error("@RateLimited on %s has no effect on Quarkus REST: use quarkus-resteasy and quarkus-undertow"
                            .formatted(limited)
                    + " in place of quarkus-rest, or inject a RateLimiter and ask it");
        }
    }

    /** Fields, constructors, initialisers and producers. */
    @Registration(types = Object.class)
    public void injectionPoints(BeanInfo bean) {
        String owner = bean.declaringClass().name();
        bean.injectionPoints()
                .forEach(point -> point.qualifiers().stream()
                        .filter(qualifier -> qualifier.name().equals(PolicyName.class.getName()))
                        .forEach(name -> found(name, owner, point.declaration())));
    }

    /** The parameters of observers, which are no injection points of a bean. */
    @Registration(types = Object.class)
    public void observers(ObserverInfo observer) {
        MethodInfo method = observer.observerMethod();
        if (method != null) {
            method.parameters().stream()
                    .filter(parameter -> parameter.hasAnnotation(PolicyName.class))
                    .forEach(parameter -> found(
                            parameter.annotation(PolicyName.class),
                            observer.declaringClass().name(),
                            parameter));
        }
    }

    private void found(AnnotationInfo name, String owner, AnnotationTarget declaration) {
        policies.add(name.value().asString());
        places.add("@PolicyName on %s.%s".formatted(owner, member(declaration)));
    }

    private static String member(AnnotationTarget declaration) {
        if (declaration instanceof ParameterInfo parameter) {
            return parameter.declaringMethod().name() + "(" + parameter.name() + ")";
        }
        return declaration.asDeclaration().asField().name();
    }

    /** Hands on what was found to the start of the application. */
    @Synthesis
    public void found(SyntheticComponents components) {
        components
                .addBean(InjectedPolicies.class)
                .type(InjectedPolicies.class)
                .scope(Singleton.class)
                .withParam(InjectedPoliciesCreator.POLICIES, policies.toArray(String[]::new))
                .withParam(InjectedPoliciesCreator.PLACES, places.toArray(String[]::new))
                .createWith(InjectedPoliciesCreator.class);
    }
}
