package dev.weir.cdi;

import jakarta.enterprise.inject.build.compatible.spi.BeanInfo;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.Discovery;
import jakarta.enterprise.inject.build.compatible.spi.ObserverInfo;
import jakarta.enterprise.inject.build.compatible.spi.Registration;
import jakarta.enterprise.inject.build.compatible.spi.ScannedClasses;
import jakarta.enterprise.inject.build.compatible.spi.Synthesis;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticComponents;
import jakarta.enterprise.lang.model.AnnotationInfo;
import jakarta.enterprise.lang.model.AnnotationTarget;
import jakarta.enterprise.lang.model.declarations.MethodInfo;
import jakarta.enterprise.lang.model.declarations.ParameterInfo;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * Says what beans there are, and finds the policies that are injected, so that the start can check them. Found by the
 * container by itself.
 */
public final class WeirExtension implements BuildCompatibleExtension {

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
