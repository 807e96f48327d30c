package dev.weir.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard of a plain WAR: its jar beside the bundle, and the lines of web.xml that its page in docs shows. */
@Timeout(120)
class DashboardIT {

    private static final String TOKEN = "sixteen-characters-or-more";

    private static final String SETTINGS =
            "weir.admin.token=" + TOKEN + "\nweir.policy.search.limit=2\nweir.policy.search.period=1h\n";

    @TempDir
    private Path directory;

    private static Path jar() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName().toString().matches("weir-dashboard-.*\\.jar"))
                .findFirst()
                .orElseThrow();
    }

    private static String linesOfThePage() throws IOException {
        Matcher lines =
                Pattern.compile("(?s)```xml\n(.*?)```").matcher(Files.readString(Path.of("../docs/dashboard.md")));
        assertThat(lines.find()).isTrue();
        return lines.group(1);
    }

    private WarOnTomcat start(String settings) throws Exception {
        return new WarOnTomcat(directory, WebXml.of(WebXml.limit("/search/*") + linesOfThePage()), settings, jar());
    }

    @Test
    void jarBesideTheBundle_servesThePage_andTheNumbersToAdministratorsAlone_untilTheUndeploy() throws Exception {
        try (WarOnTomcat application = start(SETTINGS)) {
            assertThat(application.get("/search/a").statusCode()).isEqualTo(200);
            assertThat(application.get("/search/a").statusCode()).isEqualTo(200);
            assertThat(application.get("/search/a").statusCode()).isEqualTo(429);

            assertThat(application.get("/weir/").body()).contains("<title>Weir</title>");
            assertThat(application.get("/weir/dashboard/uplot/uPlot.esm.js").statusCode())
                    .isEqualTo(200);
            assertThat(application.get("/weir/events").statusCode()).isEqualTo(401);
            HttpResponse<Stream<String>> events = HttpClient.newHttpClient()
                    .send(
                            application
                                    .request("/weir/events")
                                    .header("Authorization", "Bearer " + TOKEN)
                                    .build(),
                            BodyHandlers.ofLines());
            assertThat(events.statusCode()).isEqualTo(200);
            Iterator<String> lines = events.body().iterator();
            assertThat(lines.next()).contains("\"search\":{\"permitted\":2,\"rejected\":1,");

            application.undeploy();

            while (lines.hasNext()) {
                lines.next(); // What was sent before.
            }
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("weir-dashboard")));
        }
    }

    /** A container goes on without a servlet that cannot start, and so do the limits. */
    @Test
    void withoutTokenAndRole_thePageIsNotThere_andRequestsAreLimited() throws Exception {
        try (WarOnTomcat application = start("weir.policy.search.limit=1\nweir.policy.search.period=1h\n")) {
            assertThat(application.get("/weir/").statusCode()).isIn(404, 500);
            assertThat(application.get("/search/a").statusCode()).isEqualTo(200);
            assertThat(application.get("/search/a").statusCode()).isEqualTo(429);
        }
    }
}
