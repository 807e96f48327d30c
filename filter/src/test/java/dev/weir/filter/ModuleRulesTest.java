package dev.weir.filter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.NullMarked;

/** The walls of this module. */
@AnalyzeClasses(packages = "dev.weir.filter", importOptions = DoNotIncludeTests.class)
class ModuleRulesTest {

    @ArchTest
    static final ArchRule storesAreFoundByServiceLoader =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.redisson..", "dev.weir.redisson..");

    /** The timer and the pool of the JDK's futures outlive an application that is undeployed, and hold its loader. */
    @ArchTest
    static final ArchRule usesNoThreadsOfTheJdk = noClasses()
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "that works on threads of the JDK",
                    call -> call.getTargetOwner().isEquivalentTo(CompletableFuture.class)
                                    && call.getName().matches("orTimeout|completeOnTimeout|delayedExecutor|.*Async")
                            || call.getTargetOwner().isEquivalentTo(ForkJoinPool.class)));

    @ArchTest
    static final ArchRule configurationIsMicroProfilesApi =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.smallrye..");

    @ArchTest
    static final ArchRule implementationsOfServletAndJaxRsAreTheApplications = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.eclipse.jetty..", "org.glassfish..", "org.jboss..");

    /** Where class paths are scanned, what carries these becomes part of an application that has not asked for it. */
    @ArchTest
    static final ArchRule nothingIsFoundByScanning = noClasses()
            .should()
            .beAnnotatedWith("jakarta.ws.rs.Path")
            .orShould()
            .beAnnotatedWith("jakarta.ws.rs.ext.Provider")
            .orShould()
            .beAnnotatedWith("jakarta.ws.rs.ApplicationPath")
            .orShould()
            .beAnnotatedWith("jakarta.servlet.annotation.WebFilter")
            .orShould()
            .beAnnotatedWith("jakarta.servlet.annotation.WebListener");

    /** Frameworks look through the methods of a bean, RateLimits for instance: each type in them must be there. */
    @ArchTest
    static final ArchRule onlyTheFeatureNeedsJaxRs = noClasses()
            .that()
            .resideInAPackage("dev.weir.filter")
            .and()
            .arePublic()
            .and()
            .doNotHaveSimpleName("RateLimitFeature")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.ws.rs..");

    /** An application of servlets alone has the admin resource too, in its dashboard. */
    @ArchTest
    static final ArchRule onlyTheAdminFeatureNeedsJaxRs = noClasses()
            .that()
            .resideInAPackage("dev.weir.filter.admin")
            .and()
            .haveNameNotMatching(".*\\.Admin(Feature|Resource)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.ws.rs..");

    /** Each package uses those below it, and never one above. */
    @ArchTest
    static final ArchRule packagesAreStoreys = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("client")
            .definedBy("dev.weir.filter.client")
            .layer("metrics")
            .definedBy("dev.weir.filter.metrics")
            .layer("trace")
            .definedBy("dev.weir.filter.trace")
            .layer("config")
            .definedBy("dev.weir.filter.config")
            .layer("doors")
            .definedBy("dev.weir.filter")
            .layer("admin")
            .definedBy("dev.weir.filter.admin")
            .whereLayer("client")
            .mayNotAccessAnyLayer()
            .whereLayer("metrics")
            .mayNotAccessAnyLayer()
            .whereLayer("trace")
            .mayOnlyAccessLayers("metrics")
            .whereLayer("config")
            .mayOnlyAccessLayers("client", "metrics")
            .whereLayer("doors")
            .mayOnlyAccessLayers("client", "metrics", "trace", "config")
            .ensureAllClassesAreContainedInArchitecture();

    /** Only the servlet API may ask who a host is; an id must never wait for a name server. */
    @ArchTest
    static final ArchRule namesAreNeverLookedUp = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.net.InetAddress")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("inet.ipaddr.HostName");

    @ArchTest
    static final ArchRule everythingIsNullMarked = classes()
            .should(new ArchCondition<>("live in a @NullMarked package") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                    events.add(new SimpleConditionEvent(type, marked, type.getName()));
                }
            });
}
