package dev.weir.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A real Prometheus with {@code docs/operations/alerts.yml} as it is; it looks once a second, to be done sooner. */
final class Prometheus implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Process process;
    private final URI root;

    private Prometheus(Process process, URI root) {
        this.process = process;
        this.root = root;
    }

    static Prometheus start(Path program, Path directory, List<URI> instances) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path config = Files.writeString(directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: demo
                    static_configs:
                      - targets: [%s]
                """.formatted(
                        PromQl.ALERTS.toRealPath(),
                        instances.stream().map(URI::getAuthority).collect(Collectors.joining(", "))));
        String address = "127.0.0.1:" + port;
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=" + address)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("prometheus.log").toFile())
                .start();
        return new Prometheus(process, URI.create("http://" + address + "/"));
    }

    /** The instances for which an alert fires, sorted; those of alerts on a whole job are called {@code job}. */
    List<String> firing(String alert) {
        return query("ALERTS{alertstate=\"firing\", alertname=~\"" + alert + "\"}")
                .map(series -> series.at("/metric/alertname").asText() + " "
                        + series.at("/metric/instance").asText("job"))
                .sorted()
                .toList();
    }

    /** What a query answers now; nothing while Prometheus does not answer. */
    Stream<JsonNode> query(String query) {
        return results(query, "api/v1/query?query=" + encoded(query));
    }

    /** What a query answers for each step of a period. */
    Stream<JsonNode> query(String query, Instant from, Instant to, Duration step) {
        return results(query, "api/v1/query_range?query=%s&start=%s&end=%s&step=%d"
                .formatted(encoded(query), from, to, step.toSeconds()));
    }

    private Stream<JsonNode> results(String query, String path) {
        JsonNode answer = get(path);
        if (answer.at("/status").asText().equals("error")) {
            throw new IllegalArgumentException(query + ": " + answer.at("/error").asText());
        }
        return StreamSupport.stream(answer.at("/data/result").spliterator(), false);
    }

    private static String encoded(String query) {
        return URLEncoder.encode(query, StandardCharsets.UTF_8);
    }

    /** A value as Prometheus writes it; what is infinite is no number here. */
    static double number(JsonNode value) {
        return switch (value.asText()) {
            case "+Inf", "-Inf", "NaN" -> Double.NaN;
            default -> value.asDouble();
        };
    }

    private JsonNode get(String path) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(root.resolve(path)).timeout(TIMEOUT).build();
            return JSON.readTree(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            if (!process.isAlive()) {
                throw new UncheckedIOException("Prometheus has ended", e);
            }
            return JSON.createObjectNode(); // It does not listen yet.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
