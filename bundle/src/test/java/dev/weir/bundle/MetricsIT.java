package dev.weir.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /metrics} of a plain WAR: the bundle, Micrometer's jars, and a servlet in web.xml. */
class MetricsIT {

    private static final String METRICS = """
            <servlet>
              <servlet-name>metrics</servlet-name>
              <servlet-class>dev.weir.filter.MetricsServlet</servlet-class>
              <load-on-startup>1</load-on-startup>
            </servlet>
            <servlet-mapping><servlet-name>metrics</servlet-name><url-pattern>/metrics</url-pattern></servlet-mapping>
            """;

    private static final String WEB_XML = WebXml.of(WebXml.limit("/search/*") + METRICS);

    private static final String SETTINGS = "weir.policy.search.limit=1\nweir.policy.search.period=1h\n";

    @TempDir
    private Path directory;

    private static Path[] micrometer() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName()
                        .toString()
                        .matches("(micrometer|prometheus-metrics|HdrHistogram|LatencyUtils|jspecify)-.*\\.jar"))
                .toArray(Path[]::new);
    }

    @Test
    void metrics_besideMicrometer_areShown() throws Exception {
        try (WarOnTomcat application = new WarOnTomcat(directory, WEB_XML, SETTINGS, micrometer())) {
            assertThat(application.get("/search/a").statusCode()).isEqualTo(200);
            assertThat(application.get("/search/a").statusCode()).isEqualTo(429);

            HttpResponse<String> metrics = application.get("/metrics");

            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.body())
                    .contains("weir_decisions_total{outcome=\"permitted\",policy=\"search\"} 1.0")
                    .contains("weir_decisions_total{outcome=\"rejected\",policy=\"search\"} 1.0");
        }
    }

    /** The servlet is not available, and the limits are: a container goes on without a servlet that cannot start. */
    @Test
    void metrics_withoutALibrary_areNotThere_andRequestsAreLimited() throws Exception {
        try (WarOnTomcat application = new WarOnTomcat(directory, WEB_XML, SETTINGS)) {
            assertThat(application.get("/metrics").statusCode()).isNotEqualTo(200);
            assertThat(application.get("/search/a").statusCode()).isEqualTo(200);
            assertThat(application.get("/search/a").statusCode()).isEqualTo(429);
        }
    }
}
