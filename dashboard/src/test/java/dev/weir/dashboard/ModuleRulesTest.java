package dev.weir.dashboard;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The walls of this module. */
class ModuleRulesTest {

    private final JavaClasses own =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("dev.weir.dashboard");

    /** So that one jar more is all that an application of servlets adds. */
    @Test
    void needsWeirTheServletApiAndTheJdk_andNothingElse() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.weir..",
                        "jakarta.servlet..",
                        "java.io..",
                        "java.lang..",
                        "java.net..",
                        "java.time..",
                        "java.nio.charset..",
                        "java.util..",
                        "org.jspecify..")
                .check(own);
    }

    /** Every public type is a promise: a new one is added here on purpose. */
    @Test
    void publicTypes_areThese() {
        assertThat(own.stream()
                        .filter(type ->
                                type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder("Dashboard", "DashboardServlet", "Extension", "PageFiles", "RejectionWords");
    }
}
