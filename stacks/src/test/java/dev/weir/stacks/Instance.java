package dev.weir.stacks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
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
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A process with the application, on a port of its own. */
final class Instance implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(3);

    /** After so many errors it will not start any more. Answers that there is nothing (404) come before the start. */
    private static final int MOST_ERRORS = 100;

    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWER)
            .build();

    private final int port;
    private final Path log;
    private final Process process;
    private String lastAnswer = "nothing";
    private int errors;

    private Instance(int port, Path log, Process process) {
        this.port = port;
        this.log = log;
        this.process = process;
    }

    /** @param environment what the process finds in its environment beside this one's */
    static Instance start(
            Stack stack, Artifacts artifacts, Application.Built application, Path base, Map<String, String> environment)
            throws IOException {
        Files.createDirectories(base);
        int port = freePort();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("stacks.java"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
        command.addAll(stack.server().prepare(artifacts, application, base, port));
        Path log = base.resolve("log.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(base.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("WLP_USER_DIR", base.toString());
        return new Instance(port, log, builder.start());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Waits until a path that is not limited answers. */
    void awaitStart(String path) {
        try {
            Awaitility.await(path)
                    .atMost(START)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> isReady(path));
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException("the application answers " + lastAnswer + ": " + problems(), e);
        }
    }

    private boolean isReady(String path) throws InterruptedException {
        if (!isAlive()) {
            throw new IllegalStateException("the process has ended: " + problems());
        }
        try {
            HttpResponse<String> answer = get(path, "starter");
            lastAnswer = answer.statusCode() + " " + answer.body();
            if (answer.statusCode() >= 500 && ++errors > MOST_ERRORS) {
                throw new IllegalStateException("the application answers " + lastAnswer + ": " + problems());
            }
            return answer.statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    HttpResponse<String> get(String path, String client) throws IOException, InterruptedException {
        return get(path, "X-Client", client);
    }

    /** @param headers names and values in turn */
    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(ANSWER)
                .headers(headers)
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to end, as an operating system does, and waits. */
    void stop(Duration atMost) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the process has not ended within " + atMost.toSeconds() + " s of SIGTERM");
        }
    }

    /** What it has written, line by line, without the codes of colours. */
    List<String> lines() {
        try {
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .replaceAll("\u001b\\[[\\d;]*m", "")
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines that say what went wrong. */
    List<String> problems() {
        return lines().stream()
                .filter(line -> line.matches(".*(Exception|Error|SEVERE|ERROR|WARN|dev\\.weir).*"))
                .filter(line -> !line.stripLeading().startsWith("at "))
                .limit(12)
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
