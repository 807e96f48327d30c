package dev.weir.filter;

import dev.weir.annotation.RateLimited;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.ClassConfig;
import jakarta.enterprise.inject.build.compatible.spi.Enhancement;
import jakarta.enterprise.inject.build.compatible.spi.Messages;
import jakarta.enterprise.inject.build.compatible.spi.Validation;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Fails the build of an application on Quarkus in which {@link RateLimited} would have no effect: Quarkus finds the
 * feature of JAX-RS in {@code weir-cdi} alone, and Quarkus REST has no servlets. Found by the container by itself.
 */
public final class QuarkusBuildCheck implements BuildCompatibleExtension {

    private static final String QUARKUS = "io.quarkus.arc.Arc";
    private static final String QUARKUS_REST = "org.jboss.resteasy.reactive.server.core.Deployment";
    private static final String WEIR_CDI = "dev.weir.cdi.PolicyName";

    private final Set<String> limited = new TreeSet<>();

    /** For the container. */
    public QuarkusBuildCheck() {}

    /** The classes of the application that {@link RateLimited} stands on. */
    @Enhancement(
            types = Object.class,
            withSubtypes = true,
            withAnnotations = {RateLimited.class, RateLimited.List.class})
    public void limited(ClassConfig type) {
        limited.add(type.info().name());
    }

    /** An error of the build. */
    @Validation
    public void refuse(Messages messages) {
        problem(limited, QuarkusBuildCheck::isThere).ifPresent(messages::error);
    }

    /** What is wrong, if anything is. */
    static Optional<String> problem(Set<String> limited, Predicate<String> isThere) {
        if (limited.isEmpty() || !isThere.test(QUARKUS)) {
            return Optional.empty();
        }
        if (isThere.test(QUARKUS_REST)) {
            return Optional.of(
                    "@RateLimited on %s has no effect on Quarkus REST: use quarkus-resteasy and".formatted(limited)
                            + " quarkus-undertow in place of quarkus-rest, or inject a RateLimiter and ask it");
        }
        return isThere.test(WEIR_CDI)
                ? Optional.empty()
                : Optional.of("@RateLimited on %s has no effect on Quarkus without dev.weir:weir-cdi: add it"
                        .formatted(limited));
    }

    private static boolean isThere(String type) {
        try {
            Class.forName(type, false, QuarkusBuildCheck.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError absent) {
            return false;
        }
    }
}
