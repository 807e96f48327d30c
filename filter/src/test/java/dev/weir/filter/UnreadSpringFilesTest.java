package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By the files of a class path: Spring itself is not among what the filter's tests have. */
class UnreadSpringFilesTest {

    private static final String BOOT = "org/springframework/boot/SpringApplication.class";

    @TempDir
    private Path classPath;

    private final Logged logged = new Logged();

    @AfterEach
    void endLogging() {
        logged.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "application.properties; spring.application.name=shop\\nweir.store=redisson",
                "application.properties; spring.application.name=shop\\n  weir.store=redisson",
                "application.yml; server: {port: 80}\\nweir:\\n  store: redisson",
                "application.yml; weir :\\n  store: redisson",
                "application.yaml; weir.store: redisson",
                "application.yaml; \"weir.store\": redisson",
                "application.yaml; \"weir\": {store: redisson}",
            })
    void keysThatAreNotRead_areAWarningThatNamesTheFile(String file, String text) throws IOException {
        write(BOOT, "");
        write(file, text.replace("\\n", "\n"));

        start();

        assertThat(logged.lines())
                .filteredOn(line -> line.contains("weir-spring-boot-starter"))
                .singleElement()
                .asString()
                .contains("WARNING", "the keys of Weir in " + file + " are not read");
    }

    @Test
    void keysOfOthers_areNone() throws IOException {
        write(BOOT, "");
        write("application.properties", "shop.weir.height=3\n#weir.store=redisson\nweirdness=1");
        write("application.yml", "shop:\n  weir:\n    height: 3\nweirdness: 1");

        start();

        assertThat(logged.count("weir-spring-boot-starter")).isZero();
    }

    /** Quarkus reads that file. */
    @Test
    void withoutSpringBoot_areNone() throws IOException {
        write("application.properties", "weir.store=redisson");

        start();

        assertThat(logged.count("application.properties")).isZero();
    }

    private void write(String file, String text) throws IOException {
        Path path = classPath.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void start() throws IOException {
        ServletContextHandler application = new ServletContextHandler();
        URL[] urls = {classPath.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, getClass().getClassLoader())) {
            application.setClassLoader(loader);
            RateLimits.of(application.getServletContext()).close();
        }
    }
}
