package dev.weir.filter;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where annotations of a resource may stand. JAX-RS inherits its own annotations from superclasses and interfaces, but
 * reports to others only the method that it found, so the search is made here, by the same rules.
 */
final class Hierarchy {

    private Hierarchy() {}

    /** A class, its superclasses nearest first, then all their interfaces, nearest first. */
    static List<Class<?>> of(Class<?> resource) {
        Set<Class<?>> types = new LinkedHashSet<>();
        for (Class<?> type = resource; type != null && type != Object.class; type = type.getSuperclass()) {
            types.add(type);
        }
        List<Class<?>> open = new ArrayList<>(types);
        for (int i = 0; i < open.size(); i++) {
            for (Class<?> declared : open.get(i).getInterfaces()) {
                types.add(declared);
                open.add(declared);
            }
        }
        return List.copyOf(types);
    }

    /** A method and those that it overrides or implements, in the order of {@code types}. */
    static List<Method> declarations(List<Class<?>> types, Method method) {
        return types.stream()
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(candidate -> candidate.equals(method) || isOverridden(candidate, method))
                .toList();
    }

    private static boolean isOverridden(Method candidate, Method method) {
        return candidate.getName().equals(method.getName())
                && candidate.getParameterCount() == method.getParameterCount()
                && !candidate.isBridge()
                && (candidate.getModifiers() & (Modifier.STATIC | Modifier.PRIVATE)) == 0
                && sameButForTypeVariables(candidate, method);
    }

    /** {@code void add(T item)} is implemented by {@code void add(Order item)}. */
    private static boolean sameButForTypeVariables(Method candidate, Method method) {
        Type[] declared = candidate.getGenericParameterTypes();
        for (int i = 0; i < declared.length; i++) {
            Class<?> raw = candidate.getParameterTypes()[i];
            Class<?> actual = method.getParameterTypes()[i];
            boolean same = raw == actual || (declared[i] instanceof TypeVariable && raw.isAssignableFrom(actual));
            if (!same) {
                return false;
            }
        }
        return true;
    }
}
