package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports that wait for their turn, in the real jar. */
class DelayIT {

    @TempDir
    private Path directory;

    private final ExecutorService clients = Executors.newCachedThreadPool();
    private SampleProcess app;

    @BeforeEach
    void start() throws IOException {
        Path config = Files.writeString(directory.resolve("limits.properties"), """
                weir.policy.slow.limit=1
                weir.policy.slow.period=1m
                weir.policy.slow.at-limit=delay
                weir.policy.slow.max-delay=5m
                weir.policy.plain.limit=1
                weir.policy.plain.period=1s
                weir.policy.plain.at-limit=delay
                """);
        app = SampleProcess.start("--config", config.toString());
    }

    @AfterEach
    void stop() {
        clients.shutdownNow();
        app.close();
    }

    private CompletableFuture<HttpResponse<String>> later(String path) {
        return CompletableFuture.supplyAsync(() -> app.get(path), clients);
    }

    private void awaitDelayed(int requests) {
        await().until(() ->
                app.get("/metrics").body().contains("weir_delayed_requests{mp_scope=\"application\",} " + requests));
    }

    /** Two a second, and two at once: four of one client take a second, whatever others do. */
    @Test
    void report_underLoadFromOthers_answersInItsTurn() {
        List<CompletableFuture<HttpResponse<String>>> others = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            others.add(later("/try/report?client=other" + i % 10));
        }
        List<CompletableFuture<HttpResponse<String>>> reports = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            reports.add(later("/api/orders/report"));
        }

        for (CompletableFuture<HttpResponse<String>> report : reports) {
            assertThat(report.join().statusCode()).isEqualTo(200);
            assertThat(report.join().body()).contains("hot drinks");
            assertThat(report.join().headers().firstValue("RateLimit").orElseThrow())
                    .startsWith("\"report\"");
        }
        // Ten of each client: two at once, and at most four more within two seconds, or one more if it came a little
        // later.
        assertThat(others.stream()
                        .map(CompletableFuture::join)
                        .map(HttpResponse::statusCode)
                        .distinct())
                .containsExactlyInAnyOrder(200, 429);
    }

    @Test
    void tryPolicy_thatDelays_answersWhenItsTurnHasCome_orThatItWillNot() {
        assertThat(app.get("/try/report?client=alice&cost=2").body()).contains("\"permitted\":true");
        HttpResponse<String> waited = app.get("/try/report?client=alice");
        assertThat(waited.statusCode()).isEqualTo(200);
        assertThat(waited.body()).contains("\"permitted\":true", "\"reason\":\"OK\"", "\"policy\":\"report\"");
        assertThat(waited.headers().firstValue("RateLimit").orElseThrow()).startsWith("\"report\"");

        app.get("/try/slow?client=alice");
        CompletableFuture<HttpResponse<String>> parked = later("/try/slow?client=alice");
        awaitDelayed(1);
        HttpResponse<String> never = app.get("/try/slow?client=alice&cost=2");
        assertThat(never.statusCode()).isEqualTo(429);
        assertThat(never.body()).contains("COST_ABOVE_LIMIT");
        assertThat(parked).isNotDone();
    }

    @Test
    void plain_behindTheFilterOfWebXml_waitsIfItsPolicySaysSo() {
        assertThat(app.get("/plain/hello").statusCode()).isEqualTo(200);
        HttpResponse<String> waited = app.get("/plain/hello");
        assertThat(waited.statusCode()).isEqualTo(200);
        assertThat(waited.body()).startsWith("Hello");
        assertThat(waited.headers().firstValue("RateLimit").orElseThrow()).startsWith("\"plain\"");
    }

    @Test
    void terminate_whileRequestsWait_answersThem_andExitsWithZero() throws Exception {
        app.get("/try/slow?client=alice");
        CompletableFuture<HttpResponse<String>> parked = later("/try/slow?client=alice");
        awaitDelayed(1);
        assertThat(app.terminate()).isZero();
        assertThat(parked.join().statusCode()).isEqualTo(503);
        assertThat(parked.join().headers().firstValue("Retry-After")).contains("1");
    }
}
