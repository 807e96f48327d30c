package dev.weir.benchmarks;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.redisson.config.Config;
import redis.embedded.RedisExecProvider;

/** A real Redis and what it counts: one of our own, or one that is there. */
final class Redis implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(10);

    private final String uri;
    private final Process process;
    private final Path directory;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;

    private Redis(String uri, Process process, Path directory) throws InterruptedException {
        this.uri = uri;
        this.process = process;
        this.directory = directory;
        this.client = RedisClient.create(uri);
        this.connection = connected(client);
    }

    /** Starts the binary that the tests use, on a free port, without persistence. */
    static Redis start() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("weir-benchmark-");
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Process process = new ProcessBuilder(
                        RedisExecProvider.defaultProvider().get().toString(),
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new Redis("redis://127.0.0.1:" + port, process, directory);
    }

    /** One that runs already. */
    static Redis at(String uri) throws InterruptedException {
        return new Redis(uri, null, null);
    }

    private static StatefulRedisConnection<String, String> connected(RedisClient client) throws InterruptedException {
        long until = System.nanoTime() + START.toNanos();
        while (true) {
            try {
                return client.connect();
            } catch (RuntimeException e) {
                if (System.nanoTime() > until) {
                    throw e;
                }
                // A Redis that is just starting refuses connections, and says nothing when it is ready.
                Thread.sleep(50);
            }
        }
    }

    String uri() {
        return uri;
    }

    /** How Redisson reaches it, over so many connections. */
    Config config(int connections) {
        Config config = new Config();
        config.useSingleServer()
                .setAddress(uri)
                .setConnectionPoolSize(connections)
                .setConnectionMinimumIdleSize(connections);
        return config;
    }

    /** Makes a user who may do all but call functions. */
    void withoutFunctions(String user, String password) {
        AclSetuserArgs rights = AclSetuserArgs.Builder.on()
                .addPassword(password)
                .allKeys()
                .allChannels()
                .allCommands()
                .removeCommand(CommandType.FCALL);
        connection.sync().aclSetuser(user, rights);
    }

    /** Teaches a script. */
    String load(String script) {
        return connection.sync().scriptLoad(script);
    }

    /** Runs one that it was taught. */
    long run(String hash, String key, String... arguments) {
        return connection.sync().<Long>evalsha(hash, ScriptOutputType.INTEGER, new String[] {key}, arguments);
    }

    /** Forgets everything. */
    void flush() {
        connection.sync().flushall();
    }

    /** How many keys there are. */
    long keys() {
        return connection.sync().dbsize();
    }

    /** A line of INFO. */
    String info(String section, String name) {
        return info(section).get(name);
    }

    /** What is kept under keys of a pattern. */
    List<String> keys(String pattern) {
        return connection.sync().keys(pattern);
    }

    /** How many members a sorted set has. */
    long members(String sortedSet) {
        return connection.sync().zcard(sortedSet);
    }

    /** Bytes of everything that is kept, and of what Redis needs itself. */
    long memory() {
        return Long.parseLong(info("memory", "used_memory"));
    }

    /** What Redis has done since it started. */
    Work work() {
        Map<String, Long> calls = new TreeMap<>();
        long scriptMicros = 0;
        for (Map.Entry<String, String> entry : info("commandstats").entrySet()) {
            if (entry.getKey().startsWith("cmdstat_")) {
                String command = entry.getKey().substring("cmdstat_".length());
                calls.put(command, number(entry.getValue(), "calls"));
                scriptMicros += isScript(command) ? number(entry.getValue(), "usec") : 0;
            }
        }
        Map<String, String> cpu = info("cpu");
        double seconds = Double.parseDouble(cpu.get("used_cpu_sys")) + Double.parseDouble(cpu.get("used_cpu_user"));
        Map<String, String> stats = info("stats");
        long bytes = Long.parseLong(stats.get("total_net_input_bytes"))
                + Long.parseLong(stats.get("total_net_output_bytes"));
        return new Work(calls, seconds, scriptMicros, bytes);
    }

    private static boolean isScript(String command) {
        return command.startsWith("eval") || command.equals("fcall");
    }

    private static long number(String line, String name) {
        return Long.parseLong(line.replaceAll(".*\\b" + name + "=(\\d+).*", "$1"));
    }

    private Map<String, String> info(String section) {
        return connection
                .sync()
                .info(section)
                .lines()
                .filter(line -> line.contains(":"))
                .map(line -> line.split(":", 2))
                .collect(Collectors.toMap(line -> line[0], line -> line[1]));
    }

    @Override
    public void close() throws IOException {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        if (process != null) {
            process.destroyForcibly().onExit().join();
            Files.deleteIfExists(directory.resolve("log"));
            Files.delete(directory);
        }
    }

    /**
     * Calls by command, those that scripts make too, seconds of processor time, how long scripts ran, and what went
     * over the wire.
     */
    record Work(Map<String, Long> calls, double cpuSeconds, long scriptMicros, long bytes) {

        private static final Set<String> OURS = Set.of("info", "flushall", "dbsize");

        /** What was done after {@code before}, but for our own questions. */
        Work since(Work before) {
            Map<String, Long> more = new TreeMap<>();
            calls.forEach((command, count) -> {
                long difference = count - before.calls.getOrDefault(command, 0L);
                if (difference > 0 && !OURS.contains(command)) {
                    more.put(command, difference);
                }
            });
            return new Work(
                    more, cpuSeconds - before.cpuSeconds, scriptMicros - before.scriptMicros, bytes - before.bytes);
        }

        long commands() {
            return calls.values().stream().mapToLong(Long::longValue).sum();
        }

        long scripts() {
            return calls.entrySet().stream()
                    .filter(call -> isScript(call.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }
    }
}
