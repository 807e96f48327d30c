package dev.weir.filter;

import jakarta.servlet.ServletContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/** The limiter that a {@link RateLimitsProvider} has. What an application says elsewhere must not be lost silently. */
final class ProvidedLimits {

    private static final List<String> ATTRIBUTES = List.of(
            RateLimits.ATTRIBUTE,
            RateLimits.STORE_ATTRIBUTE,
            RateLimits.LISTENER_ATTRIBUTE,
            RateLimits.METRICS_ATTRIBUTE);

    private ProvidedLimits() {}

    /** @throws IllegalStateException if an attribute or web.xml says something that this limiter does not know */
    static Optional<RateLimits> of(ServletContext context) {
        Optional<RateLimits> provided = ServiceLoader.load(RateLimitsProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .map(provider -> provider.limits(context))
                .flatMap(Optional::stream)
                .findFirst();
        provided.ifPresent(limits -> {
            refuseAttributes(context, limits);
            refuseDescriptor(context, limits);
        });
        return provided;
    }

    private static void refuseAttributes(ServletContext context, RateLimits provided) {
        for (String name : ATTRIBUTES) {
            Object value = context.getAttribute(name);
            if (value != null && value != provided) {
                throw new IllegalStateException(("the context attribute %s has no effect, because the limiter is a bean"
                                + " of the application: make a bean of the %s as well")
                        .formatted(name, value.getClass().getName()));
            }
        }
    }

    private static void refuseDescriptor(ServletContext context, RateLimits provided) {
        Map<String, String> descriptor = DeploymentDescriptor.read(context);
        if (!descriptor.isEmpty() && !provided.wasMadeWith(descriptor)) {
            throw new IllegalStateException(("%s (web.xml) has no effect, because the limiter is a bean of the"
                            + " application and was made before: move it to META-INF/microprofile-config.properties")
                    .formatted(descriptor.keySet()));
        }
    }
}
