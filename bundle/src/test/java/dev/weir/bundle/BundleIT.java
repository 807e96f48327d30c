package dev.weir.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Page;
import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One jar in WEB-INF/lib and eight lines of web.xml: then the application is limited. */
class BundleIT {

    private static final Path BUNDLE = Path.of("target/weir-all.jar");
    private static final long MOST_BYTES = 9_000_000;

    private static final String WEB_XML = WebXml.of(WebXml.limit("/search/*"));

    @TempDir
    private Path one;

    @TempDir
    private Path other;

    @Test
    void jar_isSmall_andHasNoClassUnderAnotherProjectsName() throws IOException {
        assertThat(BUNDLE).exists();
        assertThat(Files.size(BUNDLE)).isLessThanOrEqualTo(MOST_BYTES);
        try (JarFile jar = new JarFile(BUNDLE.toFile())) {
            List<String> foreign = jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .filter(name -> !name.startsWith("dev/weir/"))
                    .filter(name -> !name.startsWith("org/eclipse/microprofile/config/"))
                    .toList();
            assertThat(foreign).isEmpty();
        }
    }

    /** Servers look for annotations in every jar of an application, and change what they do for it. */
    @Test
    void jar_hasNoAnnotationOfJacksons() throws IOException {
        try (JarFile jar = new JarFile(BUNDLE.toFile())) {
            List<String> annotated = new ArrayList<>();
            for (JarEntry entry : jar.stream().toList()) {
                String content = new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.ISO_8859_1);
                if (content.contains("Lcom/fasterxml/jackson/annotation/")) {
                    annotated.add(entry.getName());
                }
            }
            assertThat(annotated).isEmpty();
        }
    }

    @Test
    void twoInstances_onOneRedis_shareTheLimit() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            String settings = """
                    weir.store=redisson
                    weir.redisson.uri=%s
                    weir.store-deadline=10s
                    weir.policy.search.limit=3
                    weir.policy.search.period=1h
                    """.formatted(redis.uri());
            try (WarOnTomcat first = new WarOnTomcat(one, WEB_XML, settings);
                    WarOnTomcat second = new WarOnTomcat(other, WEB_XML, settings)) {
                assertThat(List.of(first.isStarted(), second.isStarted())).containsOnly(true);

                assertThat(first.get("/search/a").statusCode()).isEqualTo(200);
                assertThat(second.get("/search/a").statusCode()).isEqualTo(200);
                HttpResponse<String> third = first.get("/search/a");
                assertThat(third.statusCode()).isEqualTo(200);
                assertThat(third.body()).isEqualTo("hello");
                assertThat(third.headers().firstValue("RateLimit")).contains("\"search\";r=0;t=3600");

                HttpResponse<String> fourth = second.get("/search/a");
                assertThat(fourth.statusCode()).isEqualTo(429);
                assertThat(fourth.headers().firstValue("Retry-After")).isPresent();
                assertThat(fourth.body()).contains("\"violated-policies\":[\"search\"]");
                assertThat(second.get("/other").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void file_thatIsWatched_changesTheLimitWhileTheApplicationRuns() throws Exception {
        Path file = one.resolve("limits.properties");
        Files.writeString(file, "weir.policy.search.limit=1\nweir.policy.search.period=1h\n");
        try (WarOnTomcat application =
                new WarOnTomcat(one, WEB_XML, "weir.config.file=%s\n".formatted(file.toAbsolutePath()))) {
            assertThat(application.get("/search/a").statusCode()).isEqualTo(200);
            assertThat(application.get("/search/a").statusCode()).isEqualTo(429);

            Files.writeString(file, "weir.policy.search.limit=1000\nweir.policy.search.period=1h\n");

            await().until(() -> application.get("/search/a").statusCode() == 200);
        }
    }

    /** The README says that this is all: its lines of web.xml, and no configuration. */
    @Test
    void readmesWebXml_limitsWithoutAnyConfiguration() throws Exception {
        String lines = Page.of("README.md").example("xml");
        try (WarOnTomcat application = new WarOnTomcat(one, WebXml.of(lines), "")) {
            assertThat(application.isStarted()).isTrue();
            HttpResponse<String> first = application.get("/search/a");
            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(first.headers().firstValue("RateLimit-Policy")).contains("\"search\";q=100;w=1");

            // Faster than 100 a second, on whatever machine: until the limit shows.
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofNanos(1))
                    .until(() -> application.get("/search/a").statusCode() == 429);
        }
    }

    /** Never silently neither: a policy that is not there keeps the application from starting. */
    @Test
    void wrongConfiguration_applicationDoesNotStart() throws Exception {
        try (WarOnTomcat application = new WarOnTomcat(one, WEB_XML, "weir.policy.serach.limit=1\n")) {
            assertThat(application.isStarted()).isFalse();
            assertThat(application.get("/search/a").statusCode()).isEqualTo(404);
        }
    }
}
