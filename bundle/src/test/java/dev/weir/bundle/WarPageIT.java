package dev.weir.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Page;
import dev.weir.redisson.RedisServer;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/war.md} does what it says, step by step, with the very lines that stand there. */
class WarPageIT {

    private static final Page PAGE = Page.of("docs/war.md");
    private static final String REDIS_OF_THE_PAGE = "redis://127.0.0.1:6379";

    @TempDir
    private Path one;

    @TempDir
    private Path other;

    private static Optional<String> policy(WarOnTomcat application) throws Exception {
        return application.get("/search/").headers().firstValue("RateLimit-Policy");
    }

    private static long left(WarOnTomcat application) throws Exception {
        String field =
                application.get("/search/").headers().firstValue("RateLimit").orElseThrow();
        return Long.parseLong(field.replaceAll(".*;r=(\\d+).*", "$1"));
    }

    @Test
    void linesOfWebXml_theSixthRequestIsRejected() throws Exception {
        try (WarOnTomcat application = new WarOnTomcat(one, WebXml.of(PAGE.example("xml")), "")) {
            for (int i = 0; i < 5; i++) {
                assertThat(application.get("/search/").statusCode()).isEqualTo(200);
            }
            HttpResponse<String> sixth = application.get("/search/");
            assertThat(sixth.statusCode()).isEqualTo(429);
            assertThat(sixth.headers().map()).containsKeys("RateLimit-Policy", "RateLimit", "Retry-After");
        }
    }

    /** The file is named by a setting here, for a test cannot change its own environment. */
    @Test
    void linesOfTheFile_instancesShareTheLimit_andFollowTheFile() throws Exception {
        String lines = PAGE.example("properties");
        assertThat(lines).contains(REDIS_OF_THE_PAGE, "limit = 100");
        try (RedisServer redis = RedisServer.start()) {
            lines = lines.replace(REDIS_OF_THE_PAGE, redis.uri());
            Path file = Files.writeString(one.resolve("limits.properties"), lines);
            // Two instances that have just started share the processors: Redis, and not a local share, is to decide.
            String settings = "weir.config.file=%s\nweir.store-deadline=1s\n".formatted(file.toAbsolutePath());
            try (WarOnTomcat first = new WarOnTomcat(one, WebXml.of(PAGE.example("xml")), settings);
                    WarOnTomcat second = new WarOnTomcat(other, WebXml.of(PAGE.example("xml")), settings)) {
                for (int i = 0; i < 20; i++) {
                    assertThat(policy(first)).contains("\"search\";q=100;w=60");
                }
                assertThat(left(second))
                        .as("what the first has taken is missing, but for what comes back each 0.6 s")
                        .isLessThan(95);

                Files.writeString(file, lines.replace("limit = 100", "limit = 200"));

                await().atMost(Duration.ofSeconds(10))
                        .until(() -> policy(first).equals(Optional.of("\"search\";q=200;w=60")));
            }
        }
    }
}
