package dev.weir.filter;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.DefaultServlet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way: a file of properties, a filter that names a policy, requests over HTTP. */
class WebApplicationTest {

    @TempDir
    private Path classes;

    private Path file;
    private URLClassLoader loader;

    @BeforeEach
    void application() throws IOException {
        file = classes.resolve("weir.properties");
        Files.createDirectories(classes.resolve("META-INF"));
        Files.writeString(classes.resolve("META-INF/microprofile-config.properties"), """
                weir.policy.search.limit=1
                weir.policy.search.period=366d
                weir.policy.search.algorithm=fixed-window
                weir.config.file=%s
                """.formatted(file));
        loader = new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, getClass().getClassLoader());
    }

    @AfterEach
    void close() throws IOException {
        ConfigProviderResolver resolver = ConfigProviderResolver.instance();
        resolver.releaseConfig(resolver.getConfig(loader));
        loader.close();
    }

    private WebServer start() throws Exception {
        FilterHolder filter = new FilterHolder(RateLimitFilter.class);
        filter.setInitParameter("policy", "search");
        ServletContextHandler handler = new ServletContextHandler();
        handler.setClassLoader(loader);
        handler.addFilter(filter, "/*", null);
        handler.addServlet(DefaultServlet.class, "/");
        return WebServer.start(handler);
    }

    private static Set<Thread> startedBeside(Set<Thread> ofOthers) {
        Set<Thread> started = following();
        started.removeAll(ofOthers);
        return started;
    }

    /** The threads that follow a configuration, of this test and of others. */
    private static Set<Thread> following() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("weir-config"))
                .collect(Collectors.toSet());
    }

    @Test
    void editedFile_runningApplication_keepsTheNewLimitAndWhatIsUsed() throws Exception {
        Files.writeString(file, "weir.policy.search.limit=2");
        try (WebServer server = start()) {
            assertThat(server.status("/")).isNotEqualTo(429);
            assertThat(server.status("/")).isNotEqualTo(429);
            assertThat(server.status("/")).isEqualTo(429);

            Files.writeString(file, "weir.policy.search.limit=3");

            await().atMost(2, SECONDS).until(() -> server.status("/") != 429);
            assertThat(server.status("/")).isEqualTo(429);
        }
    }

    @Test
    void stop_containerThatLooksForNoListener_endsTheLimiter() throws Exception {
        Files.writeString(file, "");
        Set<Thread> ofOthers = following();
        try (WebServer server = start()) {
            assertThat(server.status("/")).isNotEqualTo(429);
            assertThat(startedBeside(ofOthers)).isNotEmpty();
        }

        assertThat(startedBeside(ofOthers)).isEmpty();
    }

    @Test
    void start_wrongFile_failsWithEveryError() throws Exception {
        Files.writeString(file, "weir.policy.search.limit=many\nweir.hedaers=none");

        assertThatThrownBy(this::start)
                .hasStackTraceContaining("2 errors")
                .hasStackTraceContaining("'many'")
                .hasStackTraceContaining("weir.headers");
    }
}
