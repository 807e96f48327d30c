package dev.weir.redisson;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.redisson.client.codec.StringCodec;

@AnalyzeClasses(packages = "dev.weir.redisson", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule knowsOnlyCoreRedissonAndTheJdk = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.weir.limit",
                    "dev.weir.store",
                    "dev.weir.redisson",
                    "org.redisson..",
                    "io.netty.bootstrap", // With Redisson: what it shows of each connection.
                    "io.netty.buffer", // With Redisson: what texts are encoded into.
                    "io.netty.channel",
                    "io.netty.handler.flush", // With Redisson: what leaves together.
                    "io.netty.util.concurrent", // With Redisson: on which threads it may work.
                    "org.yaml.snakeyaml.error", // With Redisson: where in its file a mistake is.
                    "java..",
                    "javax.crypto..",
                    "org.jspecify.annotations");

    /** Its buffers are not given back by every call that is not sent. */
    @ArchTest
    static final ArchRule encodesIntoArrays = noClasses()
            .that()
            .doNotHaveSimpleName("TextCodec")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(StringCodec.class.getName());

    @ArchTest
    static final ArchRule doesNotPrint =
            noClasses().should().accessClassesThat().belongToAnyOf(java.io.PrintStream.class);

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
    static void publicTypes_arePinned(JavaClasses classes) {
        assertThat(classes.stream()
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName)
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("RedissonStore", "RedissonStoreProvider");
    }

    @ArchTest
    static void package_isNullMarked(JavaClasses classes) {
        assertThat(classes.getPackage("dev.weir.redisson").isAnnotatedWith(NullMarked.class))
                .isTrue();
    }
}
