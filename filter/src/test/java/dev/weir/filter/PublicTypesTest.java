package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** Every public type is a promise: a new one is added here on purpose. */
class PublicTypesTest {

    @Test
    void publicTypes_areThese() {
        assertThat(new ClassFileImporter()
                        .withImportOption(new DoNotIncludeTests()).importPackages("dev.weir.filter").stream()
                                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                                .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "AdminBuckets",
                        "AdminClients",
                        "AdminFeature",
                        "AdminResource",
                        "ClientIdResolver",
                        "ConfigFileSource",
                        "ConfigurationException",
                        "DurationText",
                        "RateLimitFeature",
                        "RateLimitFilter",
                        "RateLimits",
                        "RateLimitsListener");
    }
}
