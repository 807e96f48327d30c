package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.ClassPath;
import dev.weir.filter.config.PlainConfig;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where decisions are counted, by what is on the class path; and what is logged of half a library. Each row is an
 * application of its own, which is loaded without the other jars.
 */
class MetricsClassPathTest {

    private static final String MICROPROFILE = "microprofile-metrics-api|smallrye-metrics";
    private static final String MICROMETER = "micrometer-.*|simpleclient.*|prometheus-metrics-.*";
    private static final String OPEN_TELEMETRY = "opentelemetry-.*";

    private static List<String> warnings(Logged log) {
        return log.lines().stream().filter(line -> line.startsWith("WARNING")).toList();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = ';', textBlock = """
            none;                MICROPROFILE|MICROMETER|OPENTELEMETRY;       nowhere
            all;                 nothing;                                     SmallRye
            SmallRye;            OPENTELEMETRY;                               SmallRye
            SmallRye's registry; OPENTELEMETRY|micrometer-registry-prometheus; SmallRye
            Micrometer;          MICROPROFILE|OPENTELEMETRY;                  Micrometer
            Micrometer's core;   MICROPROFILE|OPENTELEMETRY|micrometer-registry-.*; Micrometer
            Micrometer and API;  smallrye-metrics|OPENTELEMETRY;              Micrometer
            OpenTelemetry;       MICROPROFILE|MICROMETER;                     OpenTelemetry
            """)
    void decision_isCountedInTheFirstThatIsWhole_andNothingIsSaid(String name, String absent, String where)
            throws Exception {
        try (Logged log = new Logged();
                ClassPath application = ClassPath.without(jars(absent))) {
            assertThat(application.call(Application.class, "countedIn")).isEqualTo(where);

            assertThat(warnings(log)).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = ';', textBlock = """
            API alone;                    smallrye-metrics|MICROMETER|OPENTELEMETRY; nowhere;    io.smallrye:smallrye-metrics
            SmallRye without the API;     microprofile-metrics-api|OPENTELEMETRY;    Micrometer; org.eclipse.microprofile.metrics:microprofile-metrics-api
            SmallRye without Micrometer;  MICROMETER|OPENTELEMETRY;                  nowhere;    io.micrometer:micrometer-core
            SmallRye without Prometheus;  micrometer-registry-.*|OPENTELEMETRY;      SmallRye;   io.micrometer:micrometer-registry-prometheus-simpleclient
            SmallRye without its Config;  smallrye-config.*|OPENTELEMETRY;           Micrometer; io.smallrye.config:smallrye-config
            Micrometer without commons;   MICROPROFILE|micrometer-commons|OPENTELEMETRY; nowhere; io.micrometer:micrometer-commons
            """)
    void halfALibrary_isOneWarning_thatNamesTheMissingJar(String name, String absent, String where, String missing)
            throws Exception {
        try (Logged log = new Logged();
                ClassPath application = ClassPath.without(jars(absent))) {
            assertThat(application.call(Application.class, "countedIn")).isEqualTo(where);

            assertThat(warnings(log))
                    .singleElement()
                    .asString()
                    .containsIgnoringCase("add ")
                    .contains(missing);
        }
    }

    /** It may be there because another library needs it; the application may set it up later, or never. */
    @Test
    void openTelemetryThatIsNotSet_isLeftAlone() throws Exception {
        try (Logged log = new Logged();
                ClassPath application =
                        ClassPath.without(jars("MICROPROFILE|MICROMETER|opentelemetry-(sdk|exporter).*"))) {
            assertThat(application.call(Unset.class, "canBeSetAfterwards")).isEqualTo(true);

            assertThat(warnings(log)).isEmpty();
            assertThat(log.lines())
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("INFO")
                            .contains("GlobalOpenTelemetry", "dev.weir.MetricRegistry"));
        }
    }

    private static String jars(String absent) {
        return absent.replace("MICROPROFILE", MICROPROFILE)
                .replace("MICROMETER", MICROMETER)
                .replace("OPENTELEMETRY", OPEN_TELEMETRY);
    }

    /** An application that makes a decision, and looks where it was counted. */
    public static final class Application {

        private Application() {}

        public static String countedIn() {
            InMemoryReader reader = hasSdk() ? new InMemoryReader() : null;
            decide();
            if (hasMicrometer() && Micrometer.counts("weir_decisions_total")) {
                return "SmallRye";
            }
            if (hasMicrometer() && Micrometer.counts("weir.decisions")) {
                return "Micrometer";
            }
            return reader != null && reader.counts() ? "OpenTelemetry" : "nowhere";
        }

        static void decide() {
            System.setProperty("weir.policy.counted.limit", "5");
            try (RateLimits limits = RateLimits.from(PlainConfig.of(Application.class.getClassLoader()))) {
                limits.weir().limiter("counted").allow("alice");
            } finally {
                System.clearProperty("weir.policy.counted.limit");
            }
        }

        private static boolean hasMicrometer() {
            return has("io.micrometer.core.instrument.Metrics") && has("io.micrometer.common.util.StringUtils");
        }

        private static boolean hasSdk() {
            return has("io.opentelemetry.sdk.OpenTelemetrySdk") && has("io.opentelemetry.context.Context");
        }

        private static boolean has(String type) {
            try {
                Class.forName(type);
                return true;
            } catch (ClassNotFoundException | LinkageError absent) {
                return false;
            }
        }
    }

    private static final class Micrometer {

        private Micrometer() {}

        static boolean counts(String name) {
            if (Metrics.globalRegistry.getRegistries().isEmpty()) {
                Metrics.addRegistry(new SimpleMeterRegistry());
            }
            return Metrics.globalRegistry.find(name).tag("policy", "counted").counter() != null;
        }
    }

    private static final class InMemoryReader {

        private final InMemoryMetricReader reader = InMemoryMetricReader.create();

        InMemoryReader() {
            GlobalOpenTelemetry.set(OpenTelemetrySdk.builder()
                    .setMeterProvider(SdkMeterProvider.builder()
                            .registerMetricReader(reader)
                            .build())
                    .build());
        }

        boolean counts() {
            return reader.collectAllMetrics().stream()
                    .filter(metric -> metric.getName().equals("weir.decisions"))
                    .flatMap(metric -> metric.getLongSumData().getPoints().stream())
                    .anyMatch(point -> point.getValue() == 1);
        }
    }

    /** An application that has the API of OpenTelemetry, and sets it up when the limiter is there already. */
    public static final class Unset {

        private Unset() {}

        public static boolean canBeSetAfterwards() {
            Application.decide();
            OpenTelemetry own = OpenTelemetry.noop();
            GlobalOpenTelemetry.set(own);
            return GlobalOpenTelemetry.isSet();
        }
    }
}
