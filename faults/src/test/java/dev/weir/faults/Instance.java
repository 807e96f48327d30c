package dev.weir.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process with the sample application. */
final class Instance implements AutoCloseable {

    /** Whichever port is free. */
    static final int FREE_PORT = 0;

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        // None outlives the test, however that ends.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    private static final HttpClient ADMINISTRATOR =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final Pattern INSTANCES = Pattern.compile("\"instances\":(\\d+)");
    private static final String READY = "is ready: http://localhost:";

    /** An option of every instance's virtual machine. */
    private static final String VM = System.getProperty("faults.vm", "-XX:TieredStopAtLevel=1");

    private final Process process;
    private final Path log;
    private final int port;
    private volatile boolean isLeaving;
    private volatile boolean isKilled;

    private Instance(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @param settings a file of {@code weir.*} keys
     * @param base its files begin with this
     * @param listenOn its port; {@link #FREE_PORT} for one that is free
     * @param options more options of its virtual machine
     */
    static Instance start(Path settings, Path base, int listenOn, List<String> options) throws IOException {
        Path log = Path.of(base + ".log");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", VM));
        command.addAll(options);
        command.addAll(List.of(
                "-jar",
                System.getProperty("sample-app"),
                "--port",
                Integer.toString(listenOn),
                "--config",
                settings.toString()));
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        RUNNING.add(process);
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.contains(READY)) {
                String port = line.substring(line.indexOf(READY) + READY.length(), line.lastIndexOf('/'));
                return new Instance(process, log, Integer.parseInt(port));
            }
        }
        throw new IllegalStateException("the application did not start: " + Files.readString(log));
    }

    int port() {
        return port;
    }

    /** Whether it has been made to end: it may refuse connections, and close those that are idle. */
    boolean isLeaving() {
        return isLeaving;
    }

    /** Whether it has been given no time to answer what it was asked. */
    boolean isKilled() {
        return isKilled;
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        isLeaving = true;
        isKilled = true;
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    /** SIGTERM; returns the exit code. */
    int terminate() throws InterruptedException {
        isLeaving = true;
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the instance has not ended within 30 s of SIGTERM");
        }
        return process.exitValue();
    }

    /** SIGSTOP. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("kill -" + name + " has failed");
        }
    }

    /** How many files and sockets are open in it; none on a system that does not show them as files. */
    OptionalInt handles() {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return OptionalInt.of((int) open.count());
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    /** What it holds now. It is stopped for a moment to be looked at. */
    Footprint footprint() {
        return Footprint.of(process.pid());
    }

    /** Sets its wall clock, if it was started with one that can be set. */
    void setClock(Duration ahead) {
        Clock.set(process.pid(), ahead);
    }

    /** A request on a connection of its own. */
    String get(String path) {
        try (Connection connection = new Connection(port)) {
            return connection.get(path, "test").body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks the admin resource for a change; returns the status. */
    int admin(String method, String path, String token, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/admin/%s".formatted(port, path)))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return ADMINISTRATOR
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** How many instances it takes to be alive. */
    int counted() {
        Matcher instances = INSTANCES.matcher(get("/overview"));
        return instances.find() ? Integer.parseInt(instances.group(1)) : 0;
    }

    /** The errors that it has logged: the first line of each. */
    List<String> errors() {
        try {
            return Files.readAllLines(log).stream()
                    .filter(line -> line.contains(" SEVERE "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many messages it has logged. One may have more lines, which are indented; each of a stack trace counts. */
    int messages() {
        try {
            return (int) Files.readAllLines(log).stream()
                    .filter(line -> !line.startsWith("  "))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        isLeaving = true;
        isKilled = true;
        process.destroyForcibly();
        RUNNING.remove(process);
    }
}
