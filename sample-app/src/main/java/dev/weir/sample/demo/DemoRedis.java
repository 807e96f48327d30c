package dev.weir.sample.demo;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisExecProvider;

/**
 * A Redis of the demo's own, in a process of its own, on this machine only: it can be killed, and started again with
 * what it had written to its file. Thread-safe.
 */
public final class DemoRedis implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final Duration START = Duration.ofSeconds(10);
    private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Path directory;
    private final int port;
    private final List<String> command;
    private @Nullable Process process;

    private DemoRedis(Path program, Path directory, int port) {
        this.directory = directory;
        this.port = port;
        // What is set at run time survives a kill: it is appended to a file as it is set.
        command = List.of(
                program.toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                HOST,
                "--dir",
                directory.toString(),
                "--save",
                "",
                "--appendonly",
                "yes",
                "--loglevel",
                "warning");
    }

    /** A Redis that answers; empty where neither {@code redis-server} on the path nor the one that is bundled runs. */
    public static Optional<DemoRedis> find() throws IOException {
        Optional<Path> onPath = onPath();
        Optional<DemoRedis> found = onPath.isPresent() ? started(onPath.get()) : Optional.empty();
        if (found.isPresent()) {
            return found;
        }
        Optional<Path> bundled = bundled();
        return bundled.isPresent() ? started(bundled.get()) : Optional.empty();
    }

    private static Optional<DemoRedis> started(Path program) throws IOException {
        DemoRedis redis = new DemoRedis(program, Files.createTempDirectory("weir-demo-"), freePort());
        try {
            redis.start();
        } catch (IllegalStateException | IOException | UncheckedIOException e) {
            redis.close();
            System.err.println("sample-app: %s does not run here: %s".formatted(program, e.getMessage()));
            return Optional.empty();
        }
        return Optional.of(redis);
    }

    private static Optional<Path> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Optional<Path> bundled() {
        try {
            File file = RedisExecProvider.defaultProvider().get();
            file.deleteOnExit();
            file.getParentFile().deleteOnExit();
            return Optional.of(file.toPath());
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // There is none for this system.
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The address for {@code --redis}. */
    public String uri() {
        return "redis://" + HOST + ":" + port;
    }

    /** The program that runs, without its directory. */
    public String program() {
        return String.valueOf(Path.of(command.get(0)).getFileName());
    }

    synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** The number of the process that runs, or ran last. */
    synchronized long pid() {
        return process == null ? -1 : process.pid();
    }

    /** Starts it on the same port, if it does not run, and waits until it answers. */
    synchronized void start() throws IOException {
        if (isRunning()) {
            return;
        }
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        process = started;
        long endNanos = System.nanoTime() + START.toNanos();
        while (!answers()) {
            if (!started.isAlive() || System.nanoTime() > endNanos) {
                throw new IllegalStateException("redis-server does not answer on port %d: %s"
                        .formatted(
                                port, Files.readString(directory.resolve("log")).strip()));
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(HOST, port), 500);
            socket.setSoTimeout(500);
            socket.getOutputStream().write(PING);
            return socket.getInputStream().read() == '+';
        } catch (IOException e) {
            return false;
        }
    }

    /** As {@code kill -9}. */
    synchronized void kill() {
        if (process == null) {
            return;
        }
        try {
            process.destroyForcibly().waitFor(START.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills it, and removes its files. */
    @Override
    public void close() {
        kill();
        try (Stream<Path> left = Files.walk(directory)) {
            left.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("sample-app: %s is left behind: %s".formatted(directory, e.getMessage()));
        }
    }
}
