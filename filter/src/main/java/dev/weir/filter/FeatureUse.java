package dev.weir.filter;

import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Whether JAX-RS has asked {@link RateLimitFeature} about any resource of an application, by class loader: it asks
 * about each, limited or not. Keeps no application from being collected. Thread-safe.
 */
final class FeatureUse {

    private static final Set<ClassLoader> ASKED =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private FeatureUse() {}

    static void askedAbout(Class<?> resource) {
        ASKED.add(resource.getClassLoader());
    }

    static boolean isAsked(Class<?> resource) {
        return ASKED.contains(resource.getClassLoader());
    }
}
