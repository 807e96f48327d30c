package dev.weir.filter.metrics;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds where to count. An application may hand in a registry of MicroProfile Metrics, of Micrometer or of
 * OpenTelemetry. Otherwise SmallRye's shared registry is taken, else Micrometer's global one, else OpenTelemetry's if
 * the application has set it, else there are no metrics. SmallRye comes first because it counts in Micrometer itself:
 * one of them alone is used. None of the libraries is required.
 *
 * <p>A library of which a part is missing is warned of, by the name of the jar to add.
 */
public final class MetricRegistries {

    /** The attribute of a servlet context that may hold a registry. */
    public static final String ATTRIBUTE = "dev.weir.MetricRegistry";

    private static final Logger LOG = System.getLogger(MetricRegistries.class.getName());

    private MetricRegistries() {}

    /**
     * @param given what the application has handed in; null if nothing
     * @throws IllegalArgumentException if {@code given} is something else than a registry
     */
    public static Metrics metrics(@Nullable Object given) {
        Instruments instruments = given == null ? found() : of(given);
        return instruments == null ? Metrics.NONE : new CountingMetrics(instruments);
    }

    private static Instruments of(Object given) {
        for (Library library : Library.ALL) {
            Instruments instruments = library.of(given);
            if (instruments != null) {
                return instruments;
            }
        }
        String types = Library.ALL.stream().map(Library::types).collect(Collectors.joining(" or "));
        throw new IllegalArgumentException("%s must be an %s, but is a %s"
                .formatted(ATTRIBUTE, types, given.getClass().getName()));
    }

    private static @Nullable Instruments found() {
        for (Library library : Library.ALL) {
            Instruments instruments = library.shared();
            if (instruments != null) {
                LOG.log(Level.DEBUG, "counting with {0}", library.name());
                return instruments;
            }
        }
        if (Library.MICROPROFILE.isPresent() && !SmallRyeMetrics.isPresent()) {
            LOG.log(
                    Level.WARNING,
                    "nothing is counted: the API of MicroProfile Metrics is on the class path, but no implementation."
                            + " Add io.smallrye:smallrye-metrics and"
                            + " io.micrometer:micrometer-registry-prometheus-simpleclient, or hand in the server''s"
                            + " registry by the context attribute {0}",
                    ATTRIBUTE);
        }
        return null;
    }
}
