package dev.weir.filter.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which jar to add, by what a library failed with. */
final class MissingJar {

    private static final Map<String, String> BY_PACKAGE = new LinkedHashMap<>();

    static {
        BY_PACKAGE.put(
                "org.eclipse.microprofile.metrics.", "org.eclipse.microprofile.metrics:microprofile-metrics-api");
        BY_PACKAGE.put("org.eclipse.microprofile.config.", "org.eclipse.microprofile.config:microprofile-config-api");
        BY_PACKAGE.put("io.smallrye.config.", "io.smallrye.config:smallrye-config");
        BY_PACKAGE.put("org.jboss.logging.", "org.jboss.logging:jboss-logging");
        BY_PACKAGE.put("io.micrometer.prometheus.", "io.micrometer:micrometer-registry-prometheus-simpleclient");
        BY_PACKAGE.put("io.micrometer.prometheusmetrics.", "io.micrometer:micrometer-registry-prometheus");
        BY_PACKAGE.put("io.micrometer.common.", "io.micrometer:micrometer-commons");
        BY_PACKAGE.put("io.micrometer.observation.", "io.micrometer:micrometer-observation");
        BY_PACKAGE.put("io.micrometer.", "io.micrometer:micrometer-core");
        BY_PACKAGE.put("io.prometheus.client.exporter.", "io.prometheus:simpleclient_common");
        BY_PACKAGE.put("io.prometheus.client.", "io.prometheus:simpleclient");
        BY_PACKAGE.put("io.opentelemetry.context.", "io.opentelemetry:opentelemetry-context");
        BY_PACKAGE.put("io.opentelemetry.common.", "io.opentelemetry:opentelemetry-common");
    }

    private MissingJar() {}

    /** What to add, or what went wrong if that is not known. */
    static String advice(Throwable failure) {
        Throwable last = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            last = cause;
            String type = missingClass(cause);
            if (!type.isEmpty()) {
                return "add " + artifactOf(type);
            }
            if (cause instanceof IllegalStateException && isOfConfig(cause)) {
                return "add an implementation of MicroProfile Config, such as io.smallrye.config:smallrye-config";
            }
        }
        return last.toString();
    }

    /** Empty for a class that is there, but failed when it was first used: the reason is a cause further on. */
    private static String missingClass(Throwable cause) {
        String message = cause.getMessage();
        boolean missing = cause instanceof NoClassDefFoundError || cause instanceof ClassNotFoundException;
        return missing && message != null && !message.contains(" ") ? message.replace('/', '.') : "";
    }

    private static boolean isOfConfig(Throwable cause) {
        return String.valueOf(cause.getMessage()).contains("ConfigProviderResolver");
    }

    private static String artifactOf(String type) {
        return BY_PACKAGE.entrySet().stream()
                .filter(row -> type.startsWith(row.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("the jar of " + type);
    }
}
