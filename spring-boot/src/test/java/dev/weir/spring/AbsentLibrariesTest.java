package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Applications without what is optional. None of them has the API of JAX-RS. */
class AbsentLibrariesTest {

    private static final String JAX_RS = ".*/(jakarta\\.ws\\.rs-api|jersey-).*";
    private static final String SECURITY = "spring-security-|spring-boot-security|spring-boot-starter-security";
    private static final String ACTUATOR = "spring-boot-actuator|spring-boot-starter-actuator|spring-boot-health";
    private static final String METRICS =
            "micrometer-core|micrometer-jakarta9|spring-boot-micrometer|spring-boot-starter-micrometer";
    private static final String REDISSON = "redisson";

    /** Spring Security closes what no configuration opens, so it is absent from each. */
    @ParameterizedTest
    @ValueSource(
            strings = {SECURITY, SECURITY + "|" + ACTUATOR, SECURITY + "|" + ACTUATOR + "|" + METRICS + "|" + REDISSON})
    void controller_isLimited(String absent) throws Exception {
        assertThat(outputWithout(absent)).endsWith("answered [200, 429]");
    }

    /** What the application prints at last, in a process of its own: Tomcat starts in one class loader of a process. */
    private static String outputWithout(String absent) throws Exception {
        List<String> kept = new ArrayList<>();
        Set<String> present = new HashSet<>(List.of(absent.split("\\|")));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.matches(".*/(weir-)?(" + absent + ").*")) {
                present.removeIf(library -> entry.matches(".*/(weir-)?" + library + ".*"));
            } else if (!entry.matches(JAX_RS)) {
                kept.add(entry);
            }
        }
        assertThat(present).as("not on the class path anyway").hasSizeLessThan(absent.split("\\|").length);
        Process application = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        String.join(File.pathSeparator, kept),
                        Application.class.getName())
                .redirectErrorStream(true)
                .start();
        try (var output = application.getInputStream()) {
            return new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
        } finally {
            application.destroyForcibly();
        }
    }

    /** Started without those libraries. */
    @SpringBootApplication(scanBasePackages = "none")
    static class Application {

        @Bean
        SearchController search() {
            return new SearchController();
        }

        /** Prints what the first two requests are answered, of which the limit permits one. */
        public static void main(String[] none) throws Exception {
            List<Integer> statuses;
            try (App app = App.start(Application.class, "weir.policy.search.limit=1", "weir.policy.search.period=1h")) {
                statuses = List.of(
                        app.get("/search").statusCode(), app.get("/search").statusCode());
            }
            System.out.println("answered " + statuses);
        }
    }
}
