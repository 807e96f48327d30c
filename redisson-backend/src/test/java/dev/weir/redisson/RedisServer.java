package dev.weir.redisson;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A Redis server of a test's own: a process on a free port, with nothing kept on disk. It can be killed, stopped and
 * started again on the same port. Ends at the latest with this virtual machine.
 */
public final class RedisServer implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(10);
    private static final String HOST = "127.0.0.1";

    /** A cluster's nodes talk to each other on their port plus this. */
    private static final int BUS = 10_000;

    private static final int FIRST_PORT = 20_000;

    /** With the bus below the ports that Linux gives to outgoing connections, which begin at 32,768. */
    private static final int LAST_PORT = 32_767 - BUS;

    private static final Set<RedisServer> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(RedisServer::close)));
    }

    private final int port;
    private final List<String> command;
    private final Path directory;
    private Process process;

    private RedisServer(int port, Path directory, List<String> arguments) {
        this.port = port;
        this.directory = directory;
        this.command = new ArrayList<>(List.of(RedisBinary.path().toString()));
        command.addAll(arguments);
        command.addAll(List.of("--port", Integer.toString(port), "--bind", HOST, "--dir", directory.toString()));
    }

    /** Starts a server and waits until it answers. */
    public static RedisServer start(String... options) {
        List<String> arguments = new ArrayList<>(List.of("--save", "", "--appendonly", "no"));
        arguments.addAll(List.of(options));
        return start(arguments);
    }

    /** Starts a sentinel with the configuration given, which it rewrites. */
    static RedisServer startSentinel(String configuration) {
        Path directory = newDirectory();
        try {
            Path file = Files.writeString(directory.resolve("sentinel.conf"), configuration);
            RedisServer sentinel = new RedisServer(freePort(), directory, List.of(file.toString(), "--sentinel"));
            sentinel.restart();
            return sentinel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a server that cannot write a file of more than so many megabytes: for it, the disk is full then. It is not
     * killed for that, as the system would do it.
     */
    public static RedisServer startWithFilesOf(int megabytes, String... options) {
        RedisServer server = new RedisServer(freePort(), newDirectory(), List.of(options));
        int blocks = megabytes * 2_048;
        server.command.addAll(
                0, List.of("sh", "-c", "trap '' XFSZ; ulimit -f %d; exec \"$0\" \"$@\"".formatted(blocks)));
        server.restart();
        return server;
    }

    private static RedisServer start(List<String> arguments) {
        RedisServer server = new RedisServer(freePort(), newDirectory(), arguments);
        server.restart();
        return server;
    }

    /** A server that is not started yet; its port is free. */
    public static RedisServer notStarted() {
        return new RedisServer(freePort(), newDirectory(), List.of("--save", "", "--appendonly", "no"));
    }

    private static Path newDirectory() {
        try {
            return Files.createTempDirectory("weir-redis-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        for (int i = 0; i < 1_000; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT + 1);
            if (isFree(port) && isFree(port + BUS)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Starts it, again on the same port, and waits until it answers. What it held is gone, unless it was started with a
     * file for it.
     */
    public void restart() {
        kill();
        try {
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RUNNING.add(this);
        Awaitility.await().atMost(START).pollInterval(Duration.ofMillis(5)).until(this::answers);
    }

    private boolean answers() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("redis-server has ended: " + Files.readString(log().toPath()));
        }
        try {
            return "PONG".equals(send("PING"));
        } catch (UncheckedIOException e) {
            return false;
        } catch (IllegalStateException e) {
            return e.getMessage().startsWith("NOAUTH");
        }
    }

    private File log() {
        return directory.resolve("log").toFile();
    }

    /** Without a path. */
    public String uri() {
        return "redis://" + HOST + ":" + port;
    }

    public int port() {
        return port;
    }

    /** On which it talks to other nodes, if it is one of a cluster. */
    public int busPort() {
        return port + BUS;
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** Sends one command over a connection of its own. */
    public Object send(String... words) {
        try (RespClient client = new RespClient(HOST, port)) {
            return client.send(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@code kill -9}. */
    public void kill() {
        if (process == null) {
            return;
        }
        try {
            process.destroyForcibly().waitFor(START.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGSTOP: connections stay open, and nothing answers. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill -" + name + " has failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills it, and removes what it left. */
    @Override
    public void close() {
        kill();
        RUNNING.remove(this);
        try (Stream<Path> left = Files.walk(directory)) {
            left.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
