package dev.weir.stacks;

import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Two instances of one stack, with a Redis and a file of settings that they share. */
final class Trial implements AutoCloseable {

    /** What a client may use per hour, to begin with. */
    static final int LIMIT = 6;

    static final String TOKEN = "a-token-of-administrators";

    private static final Duration STOP = Duration.ofSeconds(30);

    private final Stack stack;
    private final Artifacts artifacts;
    private final Path directory;
    private final Path settings;
    private @Nullable RedisServer redis;
    private @Nullable Instance one;
    private @Nullable Instance other;
    private boolean isStarted;

    Trial(Stack stack, Artifacts artifacts, Path directory) {
        this.stack = stack;
        this.artifacts = artifacts;
        this.directory = directory.toAbsolutePath();
        this.settings = this.directory.resolve("limits.properties");
    }

    void start() throws IOException {
        FileTrees.delete(directory);
        Files.createDirectories(directory);
        Application.Built application = stack.application().build(artifacts, directory);
        redis = RedisServer.start();
        setLimit(LIMIT);
        Map<String, String> environment = Map.of("WEIR_CONFIG_FILE", settings.toString());
        one = Instance.start(stack, artifacts, application, directory.resolve("one"), environment);
        other = Instance.start(stack, artifacts, application, directory.resolve("other"), environment);
        one.awaitStart(stack.application().open());
        other.awaitStart(stack.application().open());
        isStarted = true;
    }

    boolean isStarted() {
        return isStarted;
    }

    void setLimit(int limit) throws IOException {
        set(limit, "1h", "reject");
    }

    /** From now on a permit comes free every two seconds, and requests above the limit wait for it. */
    void delay() throws IOException {
        set(2, "4s", "delay");
    }

    /** Writes the file of settings as an editor does: whole, and moved into its place. */
    private void set(int limit, String period, String atLimit) throws IOException {
        Path written = Files.writeString(
                directory.resolve("limits.new"), """
            weir.store = redisson
            weir.redisson.uri = %s
            weir.store-deadline = 5s
            weir.client-id = header:X-Client
            weir.trusted-proxies = 127.0.0.1
            weir.admin.token = %s
            weir.policy.search.limit = %d
            weir.policy.search.period = %s
            weir.policy.search.at-limit = %s
            """.formatted(redis.uri(), TOKEN, limit, period, atLimit));
        Files.move(written, settings, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    HttpResponse<String> get(String client) throws IOException, InterruptedException {
        return get(client, "");
    }

    HttpResponse<String> get(String client, String below) throws IOException, InterruptedException {
        return one.get(stack.application().limited() + below, client);
    }

    HttpResponse<String> getOpen(String client) throws IOException, InterruptedException {
        return one.get(stack.application().open(), client);
    }

    HttpResponse<String> getInjected(String client) throws IOException, InterruptedException {
        return one.get(stack.application().limited().replace("search", "injected"), client);
    }

    HttpResponse<String> getFromOther(String client) throws IOException, InterruptedException {
        return other.get(stack.application().limited(), client);
    }

    /** Asks the admin resource, as a proxy does for a client at an address. */
    HttpResponse<String> askAdmin(String address, String token) throws IOException, InterruptedException {
        return one.get("/api/admin/policies", "X-Forwarded-For", address, "Authorization", "Bearer " + token);
    }

    /** What both have written. */
    List<String> lines() {
        return Stream.of(one, other)
                .flatMap(instance -> instance.lines().stream())
                .toList();
    }

    /** The warnings of Weir in what both have written. */
    List<String> warnings() {
        List<String> lines = lines();
        return Stream.iterate(0, i -> i < lines.size(), i -> i + 1)
                .filter(i -> lines.get(i).matches(".*\\b(WARN|WARNING|ERROR|SEVERE)\\b.*"))
                .filter(i -> (i == 0 ? "" : loggerAlone(lines.get(i - 1)))
                        .concat(lines.get(i))
                        .contains("dev.weir"))
                .map(lines::get)
                .toList();
    }

    /** What java.util.logging writes on the line before: the time and the logger. Others write all in one line. */
    private static String loggerAlone(String line) {
        return line.matches("\\s.*|.*\\b(DEBUG|INFO|WARN|ERROR)\\b.*") ? "" : line;
    }

    void stop() throws InterruptedException {
        one.stop(STOP);
        other.stop(STOP);
    }

    @Override
    public void close() {
        Stream.of(one, other).filter(instance -> instance != null).forEach(Instance::close);
        if (redis != null) {
            redis.close();
        }
    }
}
