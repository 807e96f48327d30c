package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.ClassPath;
import io.micrometer.core.instrument.Metrics;
import io.opentelemetry.api.OpenTelemetry;
import java.net.http.HttpResponse;
import java.util.Locale;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A plain web application with the filter and {@code /metrics}, by what is on its class path. */
class MetricsServletTest {

    private static final String JAX_RS = "jakarta\\.ws\\.rs-api|jersey-.*|hk2-.*|jackson-.*|opentelemetry-.*|";
    private static final String MICROPROFILE = JAX_RS + "microprofile-metrics-api|smallrye-metrics|smallrye-config.*|";

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = ';', textBlock = """
            Micrometer;                    MICROPROFILEsimpleclient.*|micrometer-registry-prometheus-simpleclient; ''
            Micrometer with simpleclient;  MICROPROFILEprometheus-metrics-.*|micrometer-registry-prometheus;       ''
            SmallRye;                      JAX_RSprometheus-metrics-.*|micrometer-registry-prometheus;             'mp_scope="application",'
            SmallRye with today's client;  JAX_RSsimpleclient.*|micrometer-registry-prometheus-simpleclient;       'mp_scope="application",'
            """)
    void metrics_areShown_withoutAnythingElse(String name, String absent, String scope) throws Exception {
        try (ClassPath application = ClassPath.without(jars(absent))) {
            assertThat(application.call(Application.class, "scrape"))
                    .asString()
                    .contains("text/plain;version=0.0.4;charset=utf-8")
                    .contains("# TYPE weir_decisions_total counter")
                    .containsPattern("weir_decisions_total\\{%soutcome=\"permitted\",policy=\"scraped\",?\\} 1.0"
                            .formatted(scope))
                    .contains("weir_store_up");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = ';', textBlock = """
            nothing;           MICROPROFILEmicrometer-.*|simpleclient.*|prometheus-metrics-.*; io.micrometer:micrometer-registry-prometheus and io.micrometer:micrometer-core
            Micrometer's core; MICROPROFILEmicrometer-registry-.*;                             add io.micrometer:micrometer-registry-prometheus,
            SmallRye alone;    JAX_RSmicrometer-registry-.*;                                   add io.micrometer:micrometer-registry-prometheus-simpleclient,
            """)
    void nothingToShow_doesNotStart_andNamesTheJarsToAdd(String name, String absent, String jars) throws Exception {
        try (ClassPath application = ClassPath.without(jars(absent))) {
            assertThatThrownBy(() -> application.call(Application.class, "scrape"))
                    .hasStackTraceContaining(jars);
        }
    }

    @Test
    void openTelemetryHandedIn_doesNotStart_andSaysWhatShowsIt() {
        assertThatThrownBy(() -> WebServer.start((ServletContextHandler context) -> {
                    context.setAttribute(RateLimits.METRICS_ATTRIBUTE, OpenTelemetry.noop());
                    context.addServlet(metrics(), "/metrics");
                }))
                .hasStackTraceContaining("io.opentelemetry:opentelemetry-exporter-prometheus");
    }

    private static ServletHolder metrics() {
        ServletHolder metrics = new ServletHolder(MetricsServlet.class);
        metrics.setInitOrder(1);
        return metrics;
    }

    private static String jars(String absent) {
        return absent.replace("MICROPROFILE", MICROPROFILE).replace("JAX_RS", JAX_RS);
    }

    /** Loaded without those libraries. */
    public static final class Application {

        private Application() {}

        /** What is shown after one request, and how many registries stay behind when the application has ended. */
        public static String scrape() throws Exception {
            System.setProperty("weir.policy.scraped.limit", "5");
            try (WebServer server = WebServer.start((ServletContextHandler context) -> {
                FilterHolder limit = new FilterHolder(RateLimitFilter.class);
                limit.setInitParameter("policy", "scraped");
                limit.setAsyncSupported(true);
                context.addFilter(limit, "/hello", null);
                context.addServlet(new ServletHolder(new RateLimitFilterTest.Pages()), "/*");
                context.addServlet(metrics(), "/metrics");
            })) {
                assertThat(server.status("/hello")).isEqualTo(200);
                HttpResponse<String> response = server.get("/metrics");
                server.stopApplication();
                assertThat(Metrics.globalRegistry.getRegistries())
                        .noneMatch(registry -> registry.getClass().getName().contains("prometheusmetrics"));
                String type = response.headers().firstValue("Content-Type").orElse("");
                return type.replace(" ", "").toLowerCase(Locale.ROOT) + "\n" + response.body();
            } finally {
                System.clearProperty("weir.policy.scraped.limit");
            }
        }
    }
}
