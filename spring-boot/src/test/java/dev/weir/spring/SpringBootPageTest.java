package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Compiled;
import dev.weir.Page;
import java.net.URLClassLoader;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.core.io.DefaultResourceLoader;

/** {@code docs/spring-boot.md} does what it says: its application is compiled and started, and answers as it shows. */
class SpringBootPageTest {

    private static final Page PAGE = Page.of("docs/spring-boot.md");

    @Test
    void application_ofThePage_answersAsThePageShows(@TempDir Path directory) throws Exception {
        Path settings = Files.writeString(directory.resolve("application.yml"), PAGE.example("yaml"));

        try (URLClassLoader compiled = Compiled.in(directory, "Application", PAGE.example("java"));
                App app = start(compiled, settings)) {
            assertThat(app.get("/search").statusCode()).isEqualTo(200);
            assertThat(app.get("/search").statusCode()).isEqualTo(200);
            HttpResponse<String> rejected = app.get("/search");
            assertThat(rejected.statusCode()).isEqualTo(429);
            for (String name : List.of("RateLimit-Policy", "RateLimit", "Retry-After", "Content-Type")) {
                String value = rejected.headers().firstValue(name).orElseThrow();
                // A permit comes back in 5 seconds, of which a slow machine has spent some.
                assertThat(PAGE.text()).contains("\n%s: %s\n".formatted(name, value.replaceFirst("[1-5]$", "5")));
            }
        }
    }

    /** With Spring Security open, which is on the class path of these tests alone. */
    private static App start(ClassLoader compiled, Path settings) throws Exception {
        Class<?> application = compiled.loadClass("com.example.Application");
        SpringApplication spring =
                new SpringApplication(new DefaultResourceLoader(compiled), application, OpenSecurity.class);
        return new App(spring.run("--server.port=0", "--spring.config.location=" + settings.toUri()));
    }
}
