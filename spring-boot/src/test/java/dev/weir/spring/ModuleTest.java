package dev.weir.spring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The walls of this module. */
@AnalyzeClasses(packages = "dev.weir", importOptions = DoNotIncludeTests.class)
class ModuleTest {

    @ArchTest
    static final ArchRule noTypeIsPublic =
            classes().that().resideInAPackage("dev.weir.spring").should().notBePublic();

    @ArchTest
    static final ArchRule springIsOfThisModuleAlone = noClasses()
            .that()
            .resideOutsideOfPackage("dev.weir.spring")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..");
}
