package dev.weir.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an application that is undeployed leaves behind: nothing. */
@Timeout(300)
class RedeployIT {

    private static final int REDEPLOYS = 10;
    private static final int CLIENTS = 8;

    /** Netty's, without the application's loader as its context: it ends when it has had no work for a second. */
    private static final String ENDS_BY_ITSELF = "globalEventExecutor-";

    private static final String WEB_XML = WebXml.of(WebXml.limit("/*"));

    private static final String SHARED = """
            weir.store=redisson
            weir.redisson.uri=%s
            weir.policy.search.limit=1
            """;

    @TempDir
    private Path directory;

    @Test
    void redeployedApplication_onRedis_leavesNoLoaderAndNoThreadAndNoWarning() throws Exception {
        Path file = directory.resolve("limits.properties");
        limit(file, 1);
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        try (RedisServer redis = RedisServer.start();
                Warnings warnings = new Warnings();
                WarOnTomcat tomcat = new WarOnTomcat(directory, WEB_XML, settings(redis, file))) {
            for (int i = 0; i <= REDEPLOYS; i++) {
                if (i > 0) {
                    tomcat.deploy();
                }
                assertThat(tomcat.isStarted()).isTrue();
                loaders.add(new WeakReference<>(tomcat.loader()));
                use(tomcat, file, 2 + i);
                tomcat.undeploy();
                assertThat(threadsOf(loaders.get(i)))
                        .as("threads after undeploying")
                        .allMatch(name -> name.startsWith(ENDS_BY_ITSELF));
                redis.send("FLUSHALL");
            }

            assertThat(warnings.texts()).isEmpty();
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                System.gc();
                // Tomcat itself remembers the last application, in its idle request objects, until the next is asked.
                assertThat(loaders.subList(0, REDEPLOYS)).allMatch(loader -> loader.get() == null);
                assertThat(threadsOf(loaders.get(0))).isEmpty();
            });
            assertThat(warnings.texts()).isEmpty();
        }
    }

    /** What ends at once has loaded the least, and a loader that has been stopped loads nothing more. */
    @Test
    void applications_thatEndAtOnce_leaveNoThread() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Warnings warnings = new Warnings();
                WarOnTomcat tomcat = new WarOnTomcat(directory, WEB_XML, SHARED.formatted(redis.uri()))) {
            for (int i = 0; i < 4; i++) {
                if (i > 0) {
                    tomcat.deploy();
                }
                assertThat(tomcat.isStarted()).isTrue();
                tomcat.undeploy();
            }

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(threadsOf(new WeakReference<>(null))).isEmpty());
            assertThat(warnings.texts()).isEmpty();
        }
    }

    private static String settings(RedisServer redis, Path file) {
        return """
                weir.store=redisson
                weir.redisson.uri=%s
                weir.config.file=%s
                weir.policy.search.period=1s
                weir.policy.search.at-limit=delay
                weir.policy.search.max-delay=5s
                """.formatted(redis.uri(), file.toAbsolutePath());
    }

    private static void limit(Path file, int limit) throws IOException {
        Files.writeString(file, "weir.policy.search.limit=%d%n".formatted(limit));
    }

    /** Requests that are permitted, and that wait for their turn; then a change of the file that is watched. */
    private static void use(WarOnTomcat tomcat, Path file, int next) throws Exception {
        HttpResponse<String> first = tomcat.get("/");
        assertThat(first.statusCode()).isEqualTo(200);
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            answers.add(CompletableFuture.supplyAsync(() -> status(tomcat)));
        }
        for (CompletableFuture<Integer> answer : answers) {
            assertThat(answer.get()).isIn(200, 429);
        }
        limit(file, next);
        String changed = "\"search\";q=%d;w=1".formatted(next);
        await().until(() ->
                tomcat.get("/").headers().firstValue("RateLimit-Policy").equals(java.util.Optional.of(changed)));
    }

    private static int status(WarOnTomcat tomcat) {
        try {
            return tomcat.get("/").statusCode();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Threads of an application: those that it has named, and those that would load classes from it. */
    private static List<String> threadsOf(WeakReference<ClassLoader> loader) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .filter(
                        thread -> thread.getContextClassLoader() == loader.get() && loader.get() != null
                                || thread.getName()
                                        .matches(
                                                "(weir|redisson|netty|nioEventLoop|multiThread|globalEvent|HashedWheel|Completable).*"))
                .map(Thread::getName)
                .toList();
    }

    /**
     * All that is logged at WARNING or above, by Tomcat, by Weir and by what is in its jar; and classes that were
     * needed too late, which Tomcat logs at INFO. Not of interest are how long a slow machine took for random numbers,
     * and a thread of Tomcat's own that looks after an application just when that ends.
     */
    private static final class Warnings extends Handler implements AutoCloseable {

        private final Queue<String> texts = new ConcurrentLinkedQueue<>();
        private final Logger loaders = Logger.getLogger("org.apache.catalina.loader");

        Warnings() {
            setLevel(Level.WARNING);
            Logger.getLogger("").addHandler(this);
            loaders.setLevel(Level.INFO);
        }

        List<String> texts() {
            return List.copyOf(texts);
        }

        @Override
        public void publish(LogRecord line) {
            String text = String.valueOf(line.getMessage());
            boolean isTooLate = text.contains("Illegal access");
            boolean isOfTomcat = text.contains("SecureRandom") || text.contains("[Catalina-utility-");
            if (isLoggable(line) && !isOfTomcat || isTooLate) {
                texts.add(line.getLoggerName() + ": " + line.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            Logger.getLogger("").removeHandler(this);
        }
    }
}
