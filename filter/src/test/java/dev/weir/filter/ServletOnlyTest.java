package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.ClassPath;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A web application of servlets alone: optional libraries are not on its class path. */
class ServletOnlyTest {

    private static final String JAX_RS_AND_METRICS =
            "jakarta\\.ws\\.rs-api|jersey-.*|hk2-.*|microprofile-metrics-api|smallrye-metrics|micrometer-.*|opentelemetry-.*|jackson-.*";
    private static final String HALF_OF_OPEN_TELEMETRY =
            "jakarta\\.ws\\.rs-api|jersey-.*|hk2-.*|smallrye-metrics|opentelemetry-(common|sdk.*|exporter.*)";
    private static final String NO_IMPLEMENTATION = JAX_RS_AND_METRICS + "|smallrye-.*";
    private static final String NO_API = NO_IMPLEMENTATION + "|microprofile-config-api";

    @ParameterizedTest
    @ValueSource(strings = {JAX_RS_AND_METRICS, HALF_OF_OPEN_TELEMETRY, NO_IMPLEMENTATION})
    void filter_withoutWhatIsOptional_startsAndLimits(String absent) throws Exception {
        assertThat(statusesWithout(absent)).isEqualTo(List.of(200, 429));
    }

    @ParameterizedTest
    @ValueSource(strings = {JAX_RS_AND_METRICS, NO_IMPLEMENTATION})
    void policyInInitParams_withoutWhatIsOptional_limits(String absent) throws Exception {
        assertThat(statusesWithout(absent, "statusesByInitParams")).isEqualTo(List.of(200, 429));
    }

    @Test
    void filter_withoutTheApiOfConfig_doesNotStart_andSaysWhatToAdd() {
        assertThatThrownBy(() -> statusesWithout(NO_API))
                .hasStackTraceContaining("org.eclipse.microprofile.config:microprofile-config-api");
    }

    private static Object statusesWithout(String absent) throws Exception {
        return statusesWithout(absent, "statuses");
    }

    private static Object statusesWithout(String absent, String method) throws Exception {
        try (ClassPath application = ClassPath.without(absent)) {
            for (String artifact : List.of("jakarta.ws.rs-api", "smallrye-metrics")) {
                assertThat(application.left()).anyMatch(jar -> jar.startsWith(artifact));
            }
            return application.call(Application.class, method);
        }
    }

    /** Loaded without those libraries. */
    public static final class Application {

        private Application() {}

        /** What the first two requests are answered, of which the limit permits one. */
        public static List<Integer> statuses() throws Exception {
            System.setProperty("weir.policy.default.limit", "1");
            System.setProperty("weir.policy.default.period", "1h");
            try {
                return statuses(new FilterHolder(RateLimitFilter.class));
            } finally {
                System.clearProperty("weir.policy.default.limit");
                System.clearProperty("weir.policy.default.period");
            }
        }

        /** The same, with the limit in init-params. */
        public static List<Integer> statusesByInitParams() throws Exception {
            FilterHolder limit = new FilterHolder(RateLimitFilter.class);
            limit.setInitParameter("limit", "1");
            limit.setInitParameter("period", "1h");
            return statuses(limit);
        }

        private static List<Integer> statuses(FilterHolder limit) throws Exception {
            try (WebServer server = WebServer.start((ServletContextHandler context) -> {
                limit.setAsyncSupported(true);
                context.addFilter(limit, "/*", null);
                context.addServlet(new ServletHolder(new RateLimitFilterTest.Pages()), "/*");
            })) {
                return List.of(server.status("/hello"), server.status("/hello"));
            }
        }
    }
}
