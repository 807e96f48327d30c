package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.junit.jupiter.api.Test;

/** A web application of servlets alone: neither JAX-RS nor metrics are on its class path. */
class ServletOnlyTest {

    private static final Pattern ABSENT = Pattern.compile(
            "(jakarta\\.ws\\.rs-api|jersey-.*|hk2-.*|microprofile-metrics-api|smallrye-metrics|micrometer-.*|jackson-.*)-\\d.*");

    @Test
    void filter_withoutJaxRsAndMetrics_startsAndLimits() throws Exception {
        List<URL> kept = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (ABSENT.matcher(path.getFileName().toString()).matches()) {
                absent.add(path.getFileName().toString());
            } else {
                kept.add(path.toUri().toURL());
            }
        }
        assertThat(absent)
                .anyMatch(jar -> jar.startsWith("jakarta.ws.rs-api"))
                .anyMatch(jar -> jar.contains("metrics"));
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader application =
                new URLClassLoader(kept.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Thread.currentThread().setContextClassLoader(application);
            Object statuses = application
                    .loadClass(Application.class.getName())
                    .getMethod("statuses")
                    .invoke(null);
            assertThat(statuses).isEqualTo(List.of(200, 429));
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /** Loaded without those libraries. */
    public static final class Application {

        private Application() {}

        /** What the first two requests are answered, of which the limit permits one. */
        public static List<Integer> statuses() throws Exception {
            System.setProperty("weir.policy.default.limit", "1");
            System.setProperty("weir.policy.default.period", "1h");
            try (WebServer server = WebServer.start((ServletContextHandler context) -> {
                FilterHolder limit = new FilterHolder(RateLimitFilter.class);
                limit.setAsyncSupported(true);
                context.addFilter(limit, "/*", null);
                context.addServlet(new ServletHolder(new RateLimitFilterTest.Pages()), "/*");
            })) {
                return List.of(server.status("/hello"), server.status("/hello"));
            } finally {
                System.clearProperty("weir.policy.default.limit");
                System.clearProperty("weir.policy.default.period");
            }
        }
    }
}
