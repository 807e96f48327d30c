package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a healthy Redis, the first request of a new virtual machine is decided by Redis, and not beside it because the
 * machine is cold.
 */
@Timeout(300)
class ColdStartTest {

    private static final int INSTANCES = 20;
    private static final int BUSY_LOOPS = 2;

    @Test
    void freshInstances_clientAtItsLimit_noneAdmitsOne(@TempDir Path directory) throws Exception {
        assertNothingIsAdmitted(directory, 1);
    }

    /** The first request then takes two calls: one to learn of the weight. */
    @Test
    void freshInstances_weightSetAtRunTime_noneAdmitsOne(@TempDir Path directory) throws Exception {
        assertNothingIsAdmitted(directory, 3);
    }

    private static void assertNothingIsAdmitted(Path directory, long weight) throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            useUp(redis, weight);
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < INSTANCES; i++) {
                lines.add(run(ColdInstance.class, redis, "alice", directory.resolve("log" + i)));
                System.out.println("fresh instance " + i + ": " + lines.get(i));
            }

            assertThat(lines).hasSize(INSTANCES).allMatch(line -> line.startsWith("permitted=false"));
            for (int i = 0; i < INSTANCES; i++) {
                assertThat(directory.resolve("log" + i)).content().doesNotContain("the store is");
            }
            assertThat((List<?>) redis.send("KEYS", "*"))
                    .as("nothing is left of the warm-up")
                    .allMatch(key -> key.toString().matches(".*:(alice|shards|instances|clients)"));
        }
    }

    /** No request may find the store in doubt because the machine is busy, and no line may say that Redis is away. */
    @Test
    void freshInstances_besideBusyLoops_permitTheLimitAndWarnOfNothing(@TempDir Path directory) throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        List<Thread> busy = Stream.generate(() -> new Thread(() -> {
                    while (!isOver.get()) {
                        Thread.onSpinWait();
                    }
                }))
                .limit(BUSY_LOOPS)
                .toList();
        busy.forEach(Thread::start);
        try (RedisServer redis = RedisServer.start()) {
            for (int i = 0; i < INSTANCES; i++) {
                Path log = directory.resolve("burst" + i);
                String line = run(ColdBurst.class, redis, "client-" + i, log);
                System.out.println("fresh instance " + i + " beside busy loops: " + line);

                assertThat(line).isEqualTo("permitted=" + ColdBurst.LIMIT);
                assertThat(log).content().doesNotContain("WARN", "the store is");
            }
        } finally {
            isOver.set(true);
        }
    }

    private static void useUp(RedisServer redis, long weight) {
        try (Weir weir = Weir.builder()
                .store(Opened.store(Map.of("weir.redisson.uri", redis.uri())))
                .storeDeadline(java.time.Duration.ofSeconds(10))
                .policy(Policy.of("search", ColdInstance.LIMIT))
                .build()) {
            if (weight != 1) {
                weir.limits().setWeight("search", "alice", weight);
            }
            Limit limit = ColdInstance.LIMIT;
            assertThat(weir.limiter("search").allow("alice", limit.capacity() * weight))
                    .isTrue();
        }
    }

    /** @return what it prints */
    private static String run(Class<?> program, RedisServer redis, String client, Path log)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        program.getName(),
                        redis.uri(),
                        client)
                .redirectError(log.toFile())
                .start();
        String line = process.inputReader().readLine();
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        return String.valueOf(line);
    }
}
