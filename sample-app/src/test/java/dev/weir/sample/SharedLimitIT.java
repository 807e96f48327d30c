package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Instances of the application, each a process of its own, that share limits on a real Redis. */
class SharedLimitIT {

    private static final int THREADS_PER_INSTANCE = 4;

    @TempDir
    private Path directory;

    private final List<SampleProcess> instances = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void startRedis() {
        redis = RedisServer.start();
    }

    @AfterEach
    void stop() {
        instances.forEach(SampleProcess::close);
        redis.close();
    }

    @Test
    void twoInstances_hammered_permitOneLimitTogether() throws Exception {
        // On a busy machine an answer can be late: what is shown here is exact only while every decision is the
        // store's.
        startTwo("weir.store-deadline=10s", "weir.policy.search.limit=300", "weir.policy.search.period=1d");

        List<Integer> permitted = hammer(Duration.ofSeconds(3), "/try/search?client=alice");

        assertThat(permitted.get(0) + permitted.get(1)).isEqualTo(300);
        assertThat(permitted).allMatch(count -> count > 0);
        assertThat(instances)
                .allSatisfy(app -> await().untilAsserted(() -> {
                    double batches = metric(app, "weir_store_batches_total");
                    assertThat(batches).isPositive();
                    assertThat(metric(app, "weir_store_batched_calls_total")).isGreaterThanOrEqualTo(batches);
                }));
    }

    @Test
    void twoInstances_redisDeadForTenSeconds_permitOneLimitTogetherAndShareAgain() throws Exception {
        startTwo("weir.policy.search.limit=100", "weir.policy.search.period=1s");
        hammer(Duration.ofSeconds(2), "/try/search?client=alice");

        long timesDownBefore = timesDown();

        redis.kill();
        List<Integer> permitted = hammer(Duration.ofSeconds(10), "/try/search?client=alice");

        assertThat(permitted.get(0) + permitted.get(1)).isBetween(900, 1_200);
        assertThat(instances)
                .allMatch(app -> app.get("/health").body().equals("{\"status\":\"UP\",\"store\":\"DOWN\"}"));
        assertThat(instances)
                .allMatch(app -> app.get("/metrics").body().contains("weir_store_up{mp_scope=\"application\",} 0.0"));

        assertThat(timesDown()).isLessThanOrEqualTo(timesDownBefore + instances.size());

        redis.restart();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> instances.stream()
                        .allMatch(app -> app.get("/health").body().contains("\"store\":\"UP\"")));
        List<Integer> shared = hammer(Duration.ofSeconds(5), "/try/search?client=bob");
        // Five seconds at 100 a second and one burst; late answers of a busy machine may add a local share.
        assertThat(shared.get(0) + shared.get(1)).isBetween(450, 750);
    }

    /**
     * The first request of an instance is decided by Redis, however long the first call of a new virtual machine takes.
     */
    @Test
    void freshInstances_clientAtItsLimit_noneAdmitsOne() throws Exception {
        String[] settings = {"weir.policy.search.limit=5", "weir.policy.search.period=1d"};
        SampleProcess first = start(settings);
        for (int i = 0; i < 5; i++) {
            assertThat(first.get("/try/search?client=alice").statusCode()).isEqualTo(200);
        }

        for (int i = 0; i < 5; i++) {
            SampleProcess fresh = start(settings);
            assertThat(fresh.get("/try/search?client=alice").statusCode()).isEqualTo(429);
            assertThat(fresh.log()).doesNotContain("WARNING", "the store is");
            fresh.close();
        }
    }

    @Test
    void redisWithAUser_startsWithoutAWarning() throws Exception {
        redis.send("ACL", "SETUSER", "weir", "on", ">secret", "~*", "&*", "+@all");
        Path config = Files.writeString(directory.resolve("none.properties"), "");
        SampleProcess app = SampleProcess.start(
                "--store",
                "redisson",
                "--redis",
                redis.uri().replace("redis://", "redis://weir:secret@"),
                "--config",
                config.toString());
        instances.add(app);

        assertThat(app.get("/health").body()).isEqualTo("{\"status\":\"UP\",\"store\":\"UP\"}");
        assertThat(app.log()).doesNotContain("WARNING", "secret");
    }

    @Test
    void redisAwayAtStart_startsOnTheLadderWithOneWarning_thenShares() throws Exception {
        redis.kill();
        SampleProcess app = start();

        assertThat(app.get("/health").body()).isEqualTo("{\"status\":\"UP\",\"store\":\"DOWN\"}");
        assertThat(app.get("/api/orders").statusCode()).isEqualTo(200);
        assertThat(app.log().lines().filter(line -> line.contains("WARNING")))
                .singleElement()
                .asString()
                .contains(redis.uri(), "Connection refused");
        assertThat(app.log()).doesNotContain("\tat ");

        redis.restart();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> app.get("/health").body().contains("\"store\":\"UP\""));
    }

    @Test
    void onStoreFailure_permitAndReject_doAsTheySay() throws Exception {
        SampleProcess app = start(
                "weir.policy.open.limit=1",
                "weir.policy.open.period=1d",
                "weir.policy.open.on-store-failure=permit",
                "weir.policy.shut.limit=100",
                "weir.policy.shut.on-store-failure=reject");
        redis.kill();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> app.get("/health").body().contains("\"store\":\"DOWN\""));

        for (int i = 0; i < 3; i++) {
            assertThat(app.get("/try/open?client=alice").statusCode()).isEqualTo(200);
        }
        var refused = app.get("/try/shut?client=alice");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(refused.body()).contains("\"reason\":\"STORE_UNAVAILABLE\"");
    }

    @Test
    void largeLimit_isLeased_andMetricsTellHowMuch() throws Exception {
        startTwo(
                "weir.store-deadline=10s",
                "weir.policy.bulk.limit=200000",
                "weir.policy.bulk.period=100s",
                "weir.leases=exact");

        List<Integer> permitted = hammer(Duration.ofSeconds(2), "/try/bulk?client=alice");

        for (int i = 0; i < 2; i++) {
            int count = permitted.get(i);
            SampleProcess app = instances.get(i);
            await().untilAsserted(() -> {
                assertThat(metric(app, "weir_decisions_total", "outcome=\"permitted\",policy=\"bulk\""))
                        .isEqualTo(count);
                assertThat(metric(app, "weir_lease_permits_total", "policy=\"bulk\",what=\"leased\""))
                        .isPositive()
                        .isEqualTo(Stream.of("spent", "returned", "expired")
                                .mapToDouble(what -> metric(
                                        app, "weir_lease_permits_total", "policy=\"bulk\",what=\"" + what + "\""))
                                .sum());
            });
            assertThat(metric(app, "weir_lease_calls_total", "policy=\"bulk\"")).isLessThan(count / 2.0);
            assertThat(metric(app, "weir_lease_decisions_total", "outcome=\"permitted\",policy=\"bulk\""))
                    .isGreaterThan(count / 2.0);
        }
    }

    private static double metric(SampleProcess app, String name) {
        return value(app, name + "{mp_scope=\"application\",} ");
    }

    private static double metric(SampleProcess app, String name, String tags) {
        return value(app, name + "{mp_scope=\"application\"," + tags + ",} ");
    }

    private static double value(SampleProcess app, String series) {
        return app.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + series));
    }

    @Test
    void terminate_oneOfTwo_theOtherIsAloneAtOnce() throws Exception {
        startTwo();
        assertThat(instances.get(0).terminate()).isZero();
        await().atMost(Duration.ofSeconds(3))
                .until(() -> instances.get(1).get("/overview").body().contains("\"instances\":1"));
    }

    @Test
    void redisEvictsKeys_healthIsUpAndSaysDegraded() throws Exception {
        SampleProcess app = start();
        assertThat(app.get("/health").body()).isEqualTo("{\"status\":\"UP\",\"store\":\"UP\"}");

        redis.send("EVAL", "for i = 1, 30000 do redis.call('SET', 'other:' .. i, string.rep('x', 100)) end", "0");
        redis.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        redis.send("CONFIG", "SET", "maxmemory", "4mb");

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(app.get("/health").statusCode()).isEqualTo(200);
            assertThat(app.get("/health").body())
                    .startsWith("{\"status\":\"UP\",\"store\":\"UP\"")
                    .contains("\"degraded\":\"keys are evicted (maxmemory-policy allkeys-lru)");
        });
        assertThat(app.get("/metrics").body()).contains("weir_store_degraded{mp_scope=\"application\",} 1.0");
        await().untilAsserted(() ->
                assertThat(metric(app, "weir_store_evicted_keys_total")).isPositive());
        assertThat(app.log()).contains("has evicted", "noeviction");
    }

    /** How often the instances have said that the store is down. */
    private long timesDown() {
        return instances.stream()
                .flatMap(app -> app.log().lines())
                .filter(line -> line.contains("the store is down"))
                .count();
    }

    private void startTwo(String... lines) throws IOException {
        start(lines);
        start(lines);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> instances.stream()
                        .allMatch(app -> app.get("/overview").body().contains("\"instances\":2")));
    }

    /** The number of shards in Redis holds for good: one from a configuration that is refused must not get there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "weir.headers=all",
                "weir.redisson.config=redisson.yaml",
                "weir.policy.search.limt=1",
                "weir.policy.search.limit=${oops}"
            })
    void configurationThatIsRefused_redisIsNotEvenConnectedTo(String wrong) throws Exception {
        Path config = Files.writeString(directory.resolve("wrong.properties"), "weir.redis.shards=6\n" + wrong + "\n");
        long before = connections();

        SampleProcess.Exit exit =
                SampleProcess.run("--store", "redisson", "--redis", redis.uri(), "--config", config.toString());

        assertThat(exit.code()).isEqualTo(2);
        assertThat(connections()).as("but this look's own").isEqualTo(before + 1);
        assertThat(redis.send("DBSIZE")).isEqualTo(0L);
    }

    private long connections() {
        return ((String) redis.send("INFO", "stats"))
                .lines()
                .filter(line -> line.startsWith("total_connections_received:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .sum();
    }

    private SampleProcess start(String... lines) throws IOException {
        Path config = directory.resolve("limits.properties");
        Files.write(config, List.of(lines));
        SampleProcess app =
                SampleProcess.start("--store", "redisson", "--redis", redis.uri(), "--config", config.toString());
        instances.add(app);
        return app;
    }

    /** Asks every instance from several threads as fast as it answers; returns how many requests each permitted. */
    private List<Integer> hammer(Duration time, String path) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(instances.size() * THREADS_PER_INSTANCE);
        try {
            long endNanos = System.nanoTime() + time.toNanos();
            List<AtomicInteger> permitted = new ArrayList<>();
            List<Future<?>> running = new ArrayList<>();
            for (SampleProcess app : instances) {
                AtomicInteger count = new AtomicInteger();
                permitted.add(count);
                for (int i = 0; i < THREADS_PER_INSTANCE; i++) {
                    running.add(threads.submit(() -> {
                        while (System.nanoTime() < endNanos) {
                            if (app.get(path).statusCode() == 200) {
                                count.incrementAndGet();
                            }
                        }
                    }));
                }
            }
            for (Future<?> thread : running) {
                thread.get(time.toSeconds() + 30, TimeUnit.SECONDS);
            }
            return permitted.stream().map(AtomicInteger::get).toList();
        } finally {
            threads.shutdownNow();
        }
    }
}
