package dev.weir.sample;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The sample application's jar, running in a process of its own, as a user starts it. */
final class SampleProcess implements AutoCloseable {

    /** How a process ended that did not start to serve. */
    record Exit(int code, List<String> errors) {}

    /** For {@code weir.admin.token} in a test's file. */
    static final String ADMIN_TOKEN = "correct-horse-battery-staple";

    private static final String READY = "is ready: ";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final URI root;
    private final Path errors;

    private SampleProcess(Process process, URI root, Path errors) {
        this.process = process;
        this.root = root;
        this.errors = errors;
    }

    /** Starts the application on a free port and waits until it says that it is ready. */
    static SampleProcess start(String... options) throws IOException {
        return startOn(0, options);
    }

    /** As {@link #start}, on a port. */
    static SampleProcess startOn(int port, String... options) throws IOException {
        return startOn(port, Map.of(), options);
    }

    /** As {@link #start}, with variables of the environment. */
    static SampleProcess startWith(Map<String, String> environment, String... options) throws IOException {
        return startOn(0, environment, options);
    }

    /** As {@link #start}, in a working directory. */
    static SampleProcess startIn(Path directory, String... options) throws IOException {
        return startOn(0, directory, Map.of(), options);
    }

    private static SampleProcess startOn(int port, Map<String, String> environment, String... options)
            throws IOException {
        return startOn(port, Path.of(""), environment, options);
    }

    private static SampleProcess startOn(int port, Path directory, Map<String, String> environment, String... options)
            throws IOException {
        List<String> withPort = new ArrayList<>(List.of("--port", Integer.toString(port)));
        withPort.addAll(List.of(options));
        Path errors = Files.createTempFile("sample-app", ".log");
        Process process = launch(withPort, directory, environment, errors);
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.contains(READY)) {
                return new SampleProcess(
                        process, URI.create(line.substring(line.indexOf(READY) + READY.length())), errors);
            }
        }
        throw new IllegalStateException("the application did not start: " + Files.readString(errors));
    }

    /** Runs the application with options that make it end by itself. */
    static Exit run(String... options) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("sample-app", ".log");
        Process process = launch(List.of(options), Path.of(""), Map.of(), errors);
        List<String> output = process.inputReader().lines().toList();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("the application did not end: " + output);
        }
        List<String> lines = new ArrayList<>(output);
        lines.addAll(Files.readAllLines(errors));
        return new Exit(process.exitValue(), lines);
    }

    private static Process launch(List<String> options, Path directory, Map<String, String> environment, Path errors)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Path.of("target", "sample-app.jar").toAbsolutePath().toString()));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toAbsolutePath().toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(root.resolve(path)).GET());
    }

    /** A request with a header. */
    HttpResponse<String> get(String path, String header, String value) {
        return send(
                HttpRequest.newBuilder(root.resolve(path)).header(header, value).GET());
    }

    /** What is answered under a name of this machine that a client chooses. */
    String statusLineAs(String host, String path) throws IOException {
        try (Socket socket = new Socket("localhost", port())) {
            socket.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                            .formatted(path, host)
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }

    HttpResponse<String> post(String path) {
        return send(HttpRequest.newBuilder(root.resolve(path)).POST(HttpRequest.BodyPublishers.noBody()));
    }

    /** A request of any method, with a body if it may have one. */
    HttpResponse<String> send(String method, String path) {
        return send(HttpRequest.newBuilder(root.resolve(path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString("{}")));
    }

    /** A request of an administrator who knows the token; {@code body} is JSON, or empty for none. */
    HttpResponse<String> admin(String method, String path, String body) {
        return send(HttpRequest.newBuilder(root.resolve(path))
                .header("Authorization", "Bearer " + ADMIN_TOKEN)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    /** A request with a token that this application has made. */
    HttpResponse<String> put(String path, String token, String body) {
        return send(HttpRequest.newBuilder(root.resolve(path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** As {@link #put}. */
    HttpResponse<String> getAsAdmin(String path, String token) {
        return get(path, "Authorization", "Bearer " + token);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    URI root() {
        return root;
    }

    /** Writes what the application reads, and ends it. */
    void input(String text) throws IOException {
        try (Writer input = process.outputWriter()) {
            input.write(text);
        }
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    int port() {
        return root.getPort();
    }

    /** What the application logged so far. */
    String log() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells the application to end (SIGTERM) and returns its exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the application does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
