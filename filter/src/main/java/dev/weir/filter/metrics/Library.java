package dev.weir.filter.metrics;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A metrics library, which may be absent: nothing of it is touched before it was looked for.
 *
 * @param type a class without which it is not there
 * @param types what an application may hand in
 * @param known what to count with if the application hands in such an object; null for another one
 * @param common what to count with if it hands in nothing; null if the library has nothing that is shared
 */
record Library(
        String name,
        String type,
        String types,
        Function<Object, @Nullable Instruments> known,
        Supplier<@Nullable Instruments> common) {

    static final Library MICROPROFILE = new Library(
            "MicroProfile Metrics",
            "org.eclipse.microprofile.metrics.MetricRegistry",
            "org.eclipse.microprofile.metrics.MetricRegistry",
            given -> MicroProfileInstruments.of(given),
            () -> SmallRyeMetrics.shared());

    static final Library MICROMETER = new Library(
            "Micrometer",
            "io.micrometer.core.instrument.MeterRegistry",
            "io.micrometer.core.instrument.MeterRegistry",
            given -> MicrometerInstruments.of(given),
            () -> MicrometerInstruments.global());

    static final Library OPEN_TELEMETRY = new Library(
            "OpenTelemetry",
            "io.opentelemetry.api.OpenTelemetry",
            "io.opentelemetry.api.OpenTelemetry or io.opentelemetry.api.metrics.Meter",
            given -> OpenTelemetryInstruments.of(given),
            () -> OpenTelemetryInstruments.global());

    /** The first one that an application has is used. */
    static final List<Library> ALL = List.of(MICROPROFILE, MICROMETER, OPEN_TELEMETRY);

    private static final Logger LOG = System.getLogger(Library.class.getName());

    boolean isPresent() {
        return isPresent(type, Library.class.getClassLoader());
    }

    static boolean isPresent(String type, @Nullable ClassLoader loader) {
        try {
            Class.forName(type, false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError absent) {
            return false;
        }
    }

    @Nullable Instruments of(Object given) {
        return isPresent() ? known.apply(given) : null;
    }

    /** Null if the library is absent, has nothing that is shared, or lacks a part; that is a warning. */
    @Nullable Instruments shared() {
        if (!isPresent() && !(this == MICROPROFILE && SmallRyeMetrics.isPresent())) {
            return null;
        }
        try {
            return common.get();
        } catch (LinkageError | RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "%s is on the class path, but cannot be used: %s".formatted(name, MissingJar.advice(e)));
            LOG.log(Level.DEBUG, name, e);
            return null;
        }
    }
}
