package dev.weir.filter;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every public type is a promise: a new one is added here on purpose. */
class PublicTypesTest {

    private static final Map<String, Set<String>> PUBLIC = Map.of(
            "dev.weir.filter",
            Set.of(
                    // For frameworks other than JAX-RS: Spring MVC, in a module of its own.
                    "MethodGate",
                    // A class that web.xml names.
                    "MetricsServlet",
                    // For the container, which finds it as a service.
                    "QuarkusBuildCheck",
                    "RateLimitFeature",
                    "RateLimitFilter",
                    "RateLimits",
                    "RateLimitsListener",
                    // For the module cdi.
                    "RateLimitsProvider"),
            "dev.weir.filter.admin",
            // For administration other than by JAX-RS, in modules of its own: EffectivePolicies in Spring's Actuator,
            // AdminDoor and JsonWriter in the dashboard.
            Set.of("AdminDoor", "AdminFeature", "EffectivePolicies", "JsonWriter"),
            "dev.weir.filter.client",
            Set.of("Addresses", "ClientIdResolver", "ClientIds", "ClientRequest"),
            "dev.weir.filter.config",
            Set.of(
                    "AdminAccess",
                    // For modules that make a limiter themselves.
                    "ApplicationConfig",
                    "ConfigFileSource",
                    "ConfigKeys",
                    "ConfigProblems",
                    "ConfigurationException",
                    // For the ServiceLoader of MicroProfile Config.
                    "DescriptorSource",
                    "DurationText",
                    "HeaderMode",
                    "HttpSettings",
                    "Key",
                    "KeyCatalog",
                    "LiveConfig",
                    // For RateLimits, where there is no implementation of MicroProfile Config.
                    "PlainConfig",
                    "PolicyUses",
                    "Settings",
                    "Sources",
                    "Stores",
                    "ValueType"),
            "dev.weir.filter.metrics",
            Set.of(
                    "BothListeners",
                    "MetricRegistries",
                    "Metrics",
                    // For traces.
                    "Outcome",
                    // For MetricsServlet.
                    "PrometheusText",
                    // For an application that asks Weir itself, and for the admin resource.
                    "RejectedClients"),
            "dev.weir.filter.trace",
            Set.of("DecisionTrace"));

    @Test
    void publicTypes_areThese() {
        Map<String, Set<String>> found = new ClassFileImporter()
                .withImportOption(new DoNotIncludeTests()).importPackages("dev.weir.filter").stream()
                        .filter(type ->
                                type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .collect(groupingBy(JavaClass::getPackageName, mapping(JavaClass::getSimpleName, toSet())));

        assertThat(found).isEqualTo(PUBLIC);
    }
}
