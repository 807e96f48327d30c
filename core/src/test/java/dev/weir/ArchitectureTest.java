package dev.weir;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.weir");

    @Test
    void core_dependsOnTheJdkAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.weir")
                .check(CORE);
    }

    @Test
    void core_writesNothingToTheConsole() {
        noClasses().should().accessField(System.class, "out").check(CORE);
        noClasses().should().accessField(System.class, "err").check(CORE);
    }

    @Test
    void core_packages_withoutCyclesAndNullMarked() {
        slices().matching("dev.weir.(**)")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(CORE);
        assertThat(CORE.getPackage("dev.weir").isAnnotatedWith(NullMarked.class))
                .isTrue();
        assertThat(CORE.stream().map(JavaClass::getPackageName)).containsOnly("dev.weir");
    }

    /** What is public stays: a name is added here only with a reason. */
    @Test
    void core_publicTypes_areThese() {
        assertThat(CORE.stream()
                        .filter(type ->
                                type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "Acquisition",
                        "Algorithm",
                        "Answer",
                        "Bucket",
                        "BucketCost",
                        "BucketExistsException",
                        "Call",
                        "ChangeListener",
                        "Charge",
                        "Decision",
                        "Decisions",
                        "FixedWindow",
                        "LeaseCall",
                        "LeaseUse",
                        "Leasing",
                        "Grant",
                        "Limit",
                        "LimiterListener",
                        "Limits",
                        "MemoryStore",
                        "OnStoreFailure",
                        "Overrides",
                        "Page",
                        "Policy",
                        "PolicyCost",
                        "Pool",
                        "Share",
                        "Rate",
                        "RateLimiter",
                        "Reason",
                        "SlidingLog",
                        "SlidingWindow",
                        "Split",
                        "State",
                        "Store",
                        "StoreException",
                        "StoreProvider",
                        "Subject",
                        "Terms",
                        "Timestamp",
                        "TokenBucket",
                        "UnknownBucketException",
                        "UnknownPolicyException",
                        "UnknownSubBucketException",
                        "Weir");
    }
}
