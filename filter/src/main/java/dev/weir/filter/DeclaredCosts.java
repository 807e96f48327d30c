package dev.weir.filter;

import dev.weir.PolicyCost;
import dev.weir.annotation.RateLimitExempt;
import dev.weir.annotation.RateLimited;
import dev.weir.filter.config.ConfigKeys;
import dev.weir.limit.Names;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the annotations on a resource method, its class and what they inherit from say that a request costs.
 *
 * <p>The method comes before the class; within each, the resource class before its superclasses, nearest first, and
 * those before interfaces. The first place that says anything says it all.
 */
final class DeclaredCosts {

    private DeclaredCosts() {}

    /** How messages name a resource method. */
    static String where(Class<?> resource, Method method) {
        return "resource method %s.%s".formatted(resource.getName(), method.getName());
    }

    /**
     * The costs of a resource method; empty if it is not limited.
     *
     * @throws IllegalArgumentException if the annotations make no sense; the message names the method
     */
    static Costs of(Class<?> resource, Method method) {
        refuseLimitedLocators(resource, Hierarchy.of(resource));
        return of(resource, method, where(resource, method));
    }

    /**
     * The costs of a method of a framework other than JAX-RS, whose API need not be there; empty if it is not limited.
     *
     * @param where how messages name the method
     * @throws IllegalArgumentException if the annotations make no sense; the message names the method
     */
    static Costs of(Class<?> type, Method method, String where) {
        List<Class<?>> types = Hierarchy.of(type);
        return Stream.concat(Hierarchy.declarations(types, method).stream(), types.stream())
                .filter(DeclaredCosts::speaks)
                .findFirst()
                .map(place -> read(place, where))
                .orElse(Costs.NONE);
    }

    private static boolean speaks(AnnotatedElement place) {
        return isLimited(place) || isExempt(place);
    }

    private static boolean isLimited(AnnotatedElement place) {
        return limits(place).length > 0;
    }

    private static boolean isExempt(AnnotatedElement place) {
        return place.getDeclaredAnnotation(RateLimitExempt.class) != null;
    }

    private static RateLimited[] limits(AnnotatedElement place) {
        return place.getDeclaredAnnotationsByType(RateLimited.class);
    }

    private static Costs read(AnnotatedElement place, String where) {
        if (isLimited(place) && isExempt(place)) {
            throw new IllegalArgumentException(
                    "%s: @RateLimited and @RateLimitExempt contradict each other on %s".formatted(where, place));
        }
        List<PolicyCost> policies = new ArrayList<>();
        List<NamedBucket> buckets = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (RateLimited limit : limits(place)) {
            if (!limit.bucket().isEmpty()) {
                requireNew(names, "bucket '%s'".formatted(limit.bucket()), where, place);
                buckets.add(bucket(limit, where));
            }
            if (limit.bucket().isEmpty() || !limit.policy().isEmpty()) {
                requireNew(names, "policy '%s'".formatted(policy(limit)), where, place);
                policies.add(cost(limit, where));
            }
        }
        return new Costs(policies, buckets);
    }

    private static void requireNew(Set<String> names, String name, String where, AnnotatedElement place) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("%s: %s is named twice on %s".formatted(where, name, place));
        }
    }

    /** The policy of an annotation that names none, nor a bucket instead. */
    private static String policy(RateLimited limit) {
        return limit.policy().isEmpty() ? "default" : limit.policy();
    }

    private static NamedBucket bucket(RateLimited limit, String where) {
        try {
            if (limit.policy().isEmpty() && (!limit.action().isEmpty() || limit.subBucket() != RateLimited.DRAWN)) {
                throw new IllegalArgumentException("action and subBucket are parts of a policy, but none is named");
            }
            return NamedBucket.of(limit.bucket(), limit.cost(), false);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    "%s: @RateLimited(bucket = \"%s\"): %s".formatted(where, limit.bucket(), refused.getMessage()),
                    refused);
        }
    }

    private static PolicyCost cost(RateLimited limit, String where) {
        try {
            return cost(limit);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    "%s: policy '%s': %s".formatted(where, policy(limit), refused.getMessage()), refused);
        }
    }

    private static PolicyCost cost(RateLimited limit) {
        if (!limit.action().isEmpty() && !Names.isPartName(limit.action())) {
            throw new IllegalArgumentException(
                    "action must be %s, but is '%s'".formatted(ConfigKeys.NAMES, limit.action()));
        }
        if (limit.subBucket() < RateLimited.DRAWN || limit.subBucket() >= Split.MAX_PARTS) {
            throw new IllegalArgumentException(
                    "subBucket must be from 0 to %d, but is %d".formatted(Split.MAX_PARTS - 1, limit.subBucket()));
        }
        return new PolicyCost(
                policy(limit),
                limit.cost(),
                limit.action().isEmpty() ? null : limit.action(),
                limit.subBucket() == RateLimited.DRAWN ? null : (Integer) limit.subBucket(),
                Terms.NONE,
                false);
    }

    /**
     * Refuses a class that is limited, and has nothing but locators: JAX-RS runs no filter for them.
     *
     * @throws IllegalArgumentException if it is one; the message names it
     */
    static void refuseLimitedLocators(Class<?> resource) {
        List<Class<?>> types = Hierarchy.of(resource);
        List<List<Method>> methods = Arrays.stream(resource.getMethods())
                .map(method -> Hierarchy.declarations(types, method))
                .toList();
        if (isLimitedAsAWhole(types)
                && methods.stream().anyMatch(DeclaredCosts::isLocator)
                && methods.stream().noneMatch(DeclaredCosts::isResourceMethod)) {
            throw new IllegalArgumentException(
                    "%s: @RateLimited does nothing on a class that has only sub-resource locators; put it on the classes that they return"
                            .formatted(resource.getName()));
        }
        refuseLimitedLocators(resource, types);
    }

    /** An annotation that does nothing would be believed to work. */
    private static void refuseLimitedLocators(Class<?> resource, List<Class<?>> types) {
        for (Method method : resource.getMethods()) {
            List<Method> declarations = Hierarchy.declarations(types, method);
            if (isLocator(declarations)) {
                refuseLimitOf(method, declarations, isLimitedAsAWhole(types), where(resource, method));
            }
        }
    }

    private static void refuseLimitOf(Method locator, List<Method> declarations, boolean isOfLimited, String where) {
        if (declarations.stream().anyMatch(DeclaredCosts::isLimited)) {
            throw new IllegalArgumentException(
                    "%s: @RateLimited does nothing on a sub-resource locator; put it on the class that it returns"
                            .formatted(where));
        }
        boolean isSaid = declarations.stream().anyMatch(DeclaredCosts::isExempt) || returnsSpeaking(declarations);
        if (isOfLimited && !isSaid) {
            throw new IllegalArgumentException(
                    ("%s: the @RateLimited of its class does nothing for what a sub-resource locator returns;"
                                    + " put it on %s too, or @RateLimitExempt on the locator")
                            .formatted(where, locator.getReturnType().getName()));
        }
    }

    /** Where an override returns a subtype, the compiler adds a method that returns the supertype: so all are asked. */
    private static boolean returnsSpeaking(List<Method> declarations) {
        return declarations.stream()
                .flatMap(declaration -> Hierarchy.of(declaration.getReturnType()).stream())
                .anyMatch(DeclaredCosts::speaks);
    }

    private static boolean isLimitedAsAWhole(List<Class<?>> types) {
        return types.stream()
                .filter(DeclaredCosts::speaks)
                .findFirst()
                .filter(DeclaredCosts::isLimited)
                .isPresent();
    }

    private static boolean isLocator(List<Method> declarations) {
        return declarations.stream().anyMatch(declaration -> declaration.isAnnotationPresent(Path.class))
                && !isResourceMethod(declarations);
    }

    private static boolean isResourceMethod(List<Method> declarations) {
        return declarations.stream()
                .flatMap(declaration -> Arrays.stream(declaration.getAnnotations()))
                .anyMatch(annotation -> annotation.annotationType().isAnnotationPresent(HttpMethod.class));
    }
}
