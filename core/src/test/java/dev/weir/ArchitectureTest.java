package dev.weir;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.weir");

    private static final Map<String, Set<String>> PUBLIC = Map.of(
            "dev.weir",
            Set.of(
                    "Acquisition",
                    "Behaviour",
                    "Bucket",
                    "BucketCost",
                    "BucketExistsException",
                    "ClientTerms",
                    "LimitAdmin",
                    "OnStoreFailure",
                    "Policy",
                    "PolicyCost",
                    "RateLimiter",
                    "UnknownBucketException",
                    "UnknownPolicyException",
                    "UnknownSubBucketException",
                    "Weir",
                    "WeirBuilder"),
            "dev.weir.limit",
            Set.of(
                    "Algorithm",
                    "Decision",
                    "Decisions",
                    "Exact",
                    "FixedWindow",
                    "FixedWindowState",
                    "Limit",
                    "Meter",
                    "Names",
                    "OutstandingLeases",
                    "Pool",
                    "Rate",
                    "Reason",
                    "SlidingLog",
                    "SlidingLogState",
                    "SlidingWindow",
                    "SlidingWindowState",
                    "Source",
                    "Split",
                    "StampedState",
                    "State",
                    "Terms",
                    "TokenBucket",
                    "TokenBucketState",
                    // What a store in Java keeps, also where it changes it in place.
                    "TokenBucketTally",
                    "Usage"),
            "dev.weir.store",
            Set.of(
                    "ChangeListener",
                    "Charge",
                    "Evaluation",
                    "Grant",
                    "GuardedCall",
                    "GuardedTask",
                    "LeaseAccounting",
                    "LeaseCall",
                    "LeaseUse",
                    "LimiterListener",
                    "MicrosClock",
                    "NearStore",
                    "Overrides",
                    "Page",
                    "Scheduler",
                    "Share",
                    "Store",
                    "StoreCounts",
                    "StoreException",
                    "StoreProvider",
                    "StoreReply",
                    "StoreRequest",
                    "Subject",
                    // How a call is decided on what is kept of a subject: every store in Java needs it, whether or not
                    // it is part of Weir.
                    "SubjectUse",
                    "Timestamp",
                    "UsageKey"),
            "dev.weir.fair",
            Set.of("FairEvaluation", "FairPool", "FairTuning"),
            "dev.weir.memory",
            // Pools for a store that is not Weir's, so that it need not write the lock around a FairPool again.
            Set.of("MemoryPools", "MemoryStore"),
            "dev.weir.lease",
            Set.of("ClockCache", "LeaseTable", "Leasing", "LeasingStore"));

    private static final Pattern TIMED_OR_ASYNC =
            Pattern.compile("orTimeout|completeOnTimeout|delayedExecutor|get|.*Async");

    @Test
    void core_dependsOnTheJdkAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.weir..")
                .check(CORE);
    }

    @Test
    void core_writesNothingToTheConsole() {
        noClasses().should().accessField(System.class, "out").check(CORE);
        noClasses().should().accessField(System.class, "err").check(CORE);
    }

    /** Or an instance could not run on virtual time. */
    @Test
    void core_takesTimeAndThreads_fromTheSchedulerAlone() {
        noClasses()
                .that()
                .doNotHaveSimpleName("SystemScheduler")
                .and()
                .doNotHaveSimpleName("DaemonThreads") // Its threads.
                .and()
                .doNotHaveSimpleName("SteadyClock")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callConstructorWhere(DescribedPredicate.describe(
                        "of a thread or an executor",
                        call -> call.getTargetOwner().isAssignableTo(Thread.class)
                                || call.getTargetOwner().isAssignableTo(Executor.class)))
                .orShould()
                .callMethodWhere(DescribedPredicate.describe(
                        "that waits or works by itself",
                        call -> call.getTargetOwner().isAssignableTo(Executors.class)
                                || call.getTargetOwner().isAssignableTo(CompletableFuture.class)
                                        && TIMED_OR_ASYNC
                                                .matcher(call.getName())
                                                .matches()))
                .check(CORE);
    }

    /** Each package uses those below it, and never one above. */
    @Test
    void core_packages_areStoreys() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("limit")
                .definedBy("dev.weir.limit")
                .layer("store")
                .definedBy("dev.weir.store")
                .layer("fair")
                .definedBy("dev.weir.fair")
                .layer("memory")
                .definedBy("dev.weir.memory")
                .layer("lease")
                .definedBy("dev.weir.lease")
                .layer("application")
                .definedBy("dev.weir")
                .whereLayer("limit")
                .mayNotAccessAnyLayer()
                .whereLayer("store")
                .mayOnlyAccessLayers("limit")
                .whereLayer("fair")
                .mayOnlyAccessLayers("limit", "store")
                .whereLayer("memory")
                .mayOnlyAccessLayers("limit", "store", "fair")
                .whereLayer("lease")
                .mayOnlyAccessLayers("limit", "store")
                .ensureAllClassesAreContainedInArchitecture()
                .check(CORE);
    }

    @Test
    void core_packages_areNullMarked() {
        for (String name : PUBLIC.keySet()) {
            assertThat(CORE.getPackage(name).isAnnotatedWith(NullMarked.class))
                    .as(name)
                    .isTrue();
        }
    }

    /** What is public stays: a name is added here only with a reason. */
    @Test
    void core_publicTypes_areThese() {
        Map<String, Set<String>> found = CORE.stream()
                .filter(type -> type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                .collect(groupingBy(JavaClass::getPackageName, mapping(JavaClass::getSimpleName, toSet())));

        assertThat(found).isEqualTo(PUBLIC);
    }
}
