package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of an ordinary instance: live, complete, and read only. */
class DashboardIT {

    private static final Pattern FILE = Pattern.compile("(?:href|src)=\"(dashboard/[^\"]+)\"");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import .*? from '([^']+)';");

    @Test
    void events_afterDecisions_haveTheCountsOfMetrics_andNoClient() throws Exception {
        try (SampleProcess app = SampleProcess.start("--instance-id", "one");
                EventReader events = new EventReader(app.root())) {
            for (int i = 0; i < 13; i++) {
                app.get("/try/orders?client=secret-id");
            }

            JsonNode one = events.await(
                            "13 decisions",
                            event -> event.at("/instances/0/policies/orders/permitted")
                                                    .asLong()
                                            + event.at("/instances/0/policies/orders/rejected")
                                                    .asLong()
                                    == 13)
                    .at("/instances/0");

            String metrics = app.get("/metrics").body();
            assertThat(one.at("/policies/orders/permitted").asLong())
                    .isEqualTo(counted(metrics, "permitted"))
                    .isEqualTo(10);
            assertThat(one.at("/policies/orders/rejected").asLong())
                    .isEqualTo(counted(metrics, "rejected"))
                    .isEqualTo(3);
            assertThat(one.at("/instance").asText()).isEqualTo("one");
            assertThat(one.at("/store/up").asBoolean()).isTrue();
            assertThat(one.at("/lastRejection/words").asText())
                    .startsWith(
                            "A request was rejected under the policy 'orders': its limit of 10 per 10 s is used up");
            assertThat(one.toString()).doesNotContain("secret-id");
            assertThat(app.get("/activity").body()).doesNotContain("secret-id").contains("\"clients\":null");
        }
    }

    private static long counted(String metrics, String outcome) {
        Matcher sample = Pattern.compile(
                        "weir_decisions_total\\{[^}]*outcome=\"%s\"[^}]*policy=\"orders\"[^}]*} ([0-9.]+)"
                                .formatted(outcome))
                .matcher(metrics);
        assertThat(sample.find()).isTrue();
        return (long) Double.parseDouble(sample.group(1));
    }

    @Test
    void page_namesOnlyFilesOfItsOwn_thatAreThere() throws Exception {
        try (SampleProcess app = SampleProcess.start()) {
            HttpResponse<String> page = app.get("/");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .startsWith("default-src 'self'");
            assertThat(page.body()).doesNotContain("http://", "https://");
            Set<String> files = new LinkedHashSet<>();
            find(FILE, URI.create("/"), page.body(), files);
            assertThat(files).hasSizeGreaterThan(3);
            files.add("/"
                    + new ObjectMapper()
                            .readTree(app.get("/overview").body())
                            .get("extension")
                            .asText());
            while (true) {
                Set<String> all = new LinkedHashSet<>(files);
                files.stream()
                        .filter(file -> file.endsWith(".js"))
                        .forEach(file ->
                                find(IMPORT, URI.create(file), app.get(file).body(), all));
                if (all.equals(files)) {
                    break;
                }
                files.addAll(all);
            }
            assertThat(files)
                    .anyMatch(file -> file.endsWith("uPlot.esm.js"))
                    .allSatisfy(file ->
                            assertThat(app.get(file).statusCode()).as(file).isEqualTo(200));
        }
    }

    private static void find(Pattern pattern, URI base, String text, Set<String> found) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(base.resolve(matcher.group(1)).toString());
        }
    }

    @Test
    void controls_withoutDemo_areNotThere() throws Exception {
        try (SampleProcess app = SampleProcess.start();
                EventReader open = new EventReader(app.root())) {
            open.next();
            assertThat(app.get("/demo").statusCode()).isEqualTo(404);
            assertThat(app.send("PUT", "/demo/redis").statusCode()).isEqualTo(404);
            assertThat(app.send("PUT", "/demo/traffic/alice").statusCode()).isEqualTo(404);
            assertThat(app.get("/dashboard/../WEB-INF/web.xml").statusCode()).isEqualTo(404);

            assertThat(app.terminate()).as("ends though a page is open").isZero();
        }
    }
}
