package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.core.io.DefaultResourceLoader;

/** {@code docs/spring-boot.md} does what it says: its application is compiled and started, and answers as it shows. */
class SpringBootPageTest {

    private static final Path PAGE = Path.of("..", "docs", "spring-boot.md");

    private static String block(String page, String language) {
        int from = page.indexOf("```" + language + "\n") + language.length() + 4;
        return page.substring(from, page.indexOf("```\n", from));
    }

    @Test
    void application_ofThePage_answersAsThePageShows(@TempDir Path directory) throws Exception {
        String page = Files.readString(PAGE);
        Path settings = Files.writeString(directory.resolve("application.yml"), block(page, "yaml"));
        Path source = Files.writeString(directory.resolve("Application.java"), block(page, "java"));
        int errors = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-proc:none",
                        "-d",
                        directory.toString(),
                        source.toString());
        assertThat(errors).isZero();

        try (URLClassLoader compiled =
                        new URLClassLoader(new URL[] {directory.toUri().toURL()});
                App app = start(compiled, settings)) {
            assertThat(app.get("/search").statusCode()).isEqualTo(200);
            assertThat(app.get("/search").statusCode()).isEqualTo(200);
            HttpResponse<String> rejected = app.get("/search");
            assertThat(rejected.statusCode()).isEqualTo(429);
            for (String name : List.of("RateLimit-Policy", "RateLimit", "Retry-After", "Content-Type")) {
                assertThat(page)
                        .contains("\n%s: %s\n"
                                .formatted(
                                        name,
                                        rejected.headers().firstValue(name).orElseThrow()));
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
