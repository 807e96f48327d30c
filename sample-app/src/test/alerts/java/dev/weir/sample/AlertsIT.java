package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo's three instances, watched by a real Prometheus with the alerts that users get: faults are made, alerts
 * fire, faults end, alerts clear. Run with {@code -Palerts}.
 */
class AlertsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int INSTANCES = 3;
    private static final String JOB = "demo";
    private static final Path PICTURE = Path.of("target", "grafana.svg");
    private static Path prometheus;

    @BeforeAll
    static void find() throws Exception {
        prometheus = PrometheusPrograms.findOrFetch("prometheus").orElse(null);
        assumeTrue(
                prometheus != null,
                "Neither prometheus on the path, nor could Debian's package be fetched: alerts are not tried. On Debian:"
                        + " apt install prometheus");
    }

    @Test
    void demo_redisKilledAndConfigurationBroken_alertsFireAndClear_andTheDashboardHasData(@TempDir Path directory)
            throws Exception {
        int port = freePorts();
        Path config = Files.writeString(directory.resolve("limits.properties"), "weir.policy.api.limit=11\n");
        try (SampleProcess demo = SampleProcess.startOn(port, "--demo", "--config", config.toString());
                Prometheus watching = Prometheus.start(prometheus, directory, roots(port))) {
            String token =
                    new ObjectMapper().readTree(demo.get("/demo").body()).at("/token").asText();
            eventually(
                    "three instances, with their store",
                    () -> watching.query("weir_store_up == 1").count() == INSTANCES);
            assertThat(watching.firing("Weir.*")).as("while all is well").isEmpty();
            Instant start = Instant.now();
            showInThePicture();

            turnRedis(demo, token, false);
            Files.writeString(config, "weir.policy.api.limit=many\n");
            eventually("WeirStoreDown", () -> watching.firing("WeirStoreDown").equals(ofEach("WeirStoreDown", port)));
            eventually(
                    "WeirReloadFailed",
                    () -> watching.firing("WeirReloadFailed").equals(ofEach("WeirReloadFailed", port)));
            assertThat(number(watching, "min(weir_store_down_seconds_total)"))
                    .as("seconds that were counted while Redis was away")
                    .isGreaterThan(30);

            turnRedis(demo, token, true);
            Files.writeString(config, "weir.policy.api.limit=12\n");
            eventually("all clear", () -> watching.firing("Weir(StoreDown|ReloadFailed)")
                    .isEmpty());
            eventually("what was owed is charged", () -> number(watching, "sum(weir_debts)") == 0);
            assertThat(number(watching, "min(weir_store_outages_total)"))
                    .as("of every instance; a busy machine has more")
                    .isPositive();
            passTheFilter(demo);
            await("every query of the dashboard has data")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> queriesOfTheDashboard_answer(watching));
            showInThePicture();
            Files.deleteIfExists(PICTURE);
            DashboardPicture.write(watching, JOB, start, Instant.now(), PICTURE);
            assertThat(PICTURE).isNotEmptyFile();
        }
    }

    /** The picture is to show what was before the faults, and after them: real time that passes. */
    private static void showInThePicture() throws InterruptedException {
        Thread.sleep(25_000);
    }

    /** The demo's traffic does not, and of requests that do one in 64 is measured. */
    private static void passTheFilter(SampleProcess demo) {
        for (int i = 0; i < 1_000; i++) {
            demo.get("/plain/hello");
        }
    }

    private static void queriesOfTheDashboard_answer(Prometheus watching) throws IOException {
        List<String> queries = PromQl.dashboard();
        List<String> without = new ArrayList<>();
        for (String query : queries) {
            String now = PromQl.ofAll(JOB, "2m", query);
            boolean hasNumber = watching.query(now).anyMatch(series -> Double.isFinite(value(series)));
            if (!hasNumber) {
                without.add(now);
            }
        }

        assertThat(queries).hasSizeGreaterThan(20);
        assertThat(without).as("queries without data").isEmpty();
    }

    private static void turnRedis(SampleProcess demo, String token, boolean on) {
        assertThat(demo.put("/demo/redis", token, "{\"on\":%s}".formatted(on)).body())
                .contains("\"redisRuns\":" + on);
    }

    private static double number(Prometheus watching, String query) {
        return watching.query(query).mapToDouble(AlertsIT::value).findFirst().orElse(Double.NaN);
    }

    private static double value(JsonNode series) {
        return Prometheus.number(series.at("/value/1"));
    }

    private static void eventually(String what, Callable<Boolean> isSo) {
        await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(isSo);
    }

    private static List<URI> roots(int port) {
        return IntStream.range(port, port + INSTANCES)
                .mapToObj(each -> URI.create("http://localhost:" + each + "/"))
                .toList();
    }

    private static List<String> ofEach(String alert, int port) {
        return roots(port).stream()
                .map(root -> alert + " " + root.getAuthority())
                .sorted()
                .toList();
    }

    /** The first of three that are free in a row. */
    private static int freePorts() throws IOException {
        while (true) {
            try (ServerSocket first = new ServerSocket(0);
                    ServerSocket second = new ServerSocket(first.getLocalPort() + 1);
                    ServerSocket third = new ServerSocket(first.getLocalPort() + 2)) {
                return Stream.of(first, second, third)
                        .mapToInt(ServerSocket::getLocalPort)
                        .min()
                        .orElseThrow();
            } catch (IOException | IllegalArgumentException taken) {
                // Others, then.
            }
        }
    }
}
