package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Compiled;
import dev.weir.Page;
import java.io.IOException;
import java.net.URLClassLoader;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/jax-rs.md} does what it says: its method is compiled and served by Jersey, its numbers are in force, and
 * nothing but the listener is registered.
 */
class JaxRsPageTest {

    private static final Page PAGE = Page.of("docs/jax-rs.md");

    private static final String RESOURCE = """
            package com.example;

            import dev.weir.annotation.RateLimited;
            import jakarta.ws.rs.GET;
            import jakarta.ws.rs.Path;

            @Path("api")
            public class Search {
            %s
            }
            """;

    @Test
    void dependencyOfThePage_isTheBundle() throws IOException {
        String lines = PAGE.example("xml").replaceAll("</?dependency>|\\s", "");
        String bundle = Files.readString(Path.of("..", "bundle", "pom.xml")).replaceAll("\\s", "");

        String group = "<groupId>dev.weir</groupId>";
        String artifact = "<artifactId>weir-all</artifactId>";
        assertThat(lines).startsWith(group + artifact + "<version>");
        assertThat(bundle).contains(lines.replace(artifact, "<artifactId>weir-parent</artifactId>"), artifact);
    }

    @Test
    void methodOfThePage_isLimitedAsThePageSays(@TempDir Path classes) throws Exception {
        Files.createDirectories(classes.resolve("META-INF"));
        Files.writeString(classes.resolve("META-INF/microprofile-config.properties"), PAGE.example("properties"));
        String method = PAGE.example("java").replace("...", "return \"found\";");

        try (URLClassLoader loader = Compiled.in(classes, "Search", RESOURCE.formatted(method))) {
            ServletContextHandler application = new ServletContextHandler();
            application.setClassLoader(loader);
            application.addEventListener(new RateLimitsListener()); // Jetty is used as a library, as in step 4.
            ServletHolder jersey =
                    new ServletHolder(new ServletContainer(new ResourceConfig(loader.loadClass("com.example.Search"))));
            jersey.setInitOrder(1);
            application.addServlet(jersey, "/*");
            try (WebServer server = WebServer.start(application)) {
                for (int i = 0; i < 5; i++) {
                    assertThat(server.status("/api/search")).isEqualTo(200);
                }
                HttpResponse<String> sixth = server.get("/api/search");
                assertThat(sixth.statusCode()).isEqualTo(429);
                assertThat(sixth.headers().firstValue("RateLimit-Policy")).contains("\"search\";q=5;w=60");
                assertThat(sixth.headers().firstValue("Retry-After")).isPresent();
            } finally {
                ConfigProviderResolver resolver = ConfigProviderResolver.instance();
                resolver.releaseConfig(resolver.getConfig(loader));
            }
        }
    }
}
