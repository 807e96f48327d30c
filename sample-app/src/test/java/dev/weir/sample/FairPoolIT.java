package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.weir.lease.Admissions;
import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import dev.weir.redisson.RedisServer;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three instances of the application, each a process of its own, whose clients share a pool on a real Redis by weight.
 */
class FairPoolIT {

    /** With a burst of three quarters of a second, whoever waits for a processor for less than that loses nothing. */
    private static final TokenBucket CAPACITY = Limit.tokenBucket(80, Duration.ofSeconds(1), 60);

    /** Redis counts by the clock on the wall, which is corrected while the one that is read here runs on. */
    private static final long TWO_CLOCKS = 5;

    private static final int THREADS = 4;

    @TempDir
    private Path directory;

    private final RedisServer redis = RedisServer.start();
    private final List<SampleProcess> instances = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Admissions admissions = new Admissions();

    /** Asks all the time, mainly through one instance. */
    private final class Client {

        private final long weight;
        private final AtomicInteger permitted = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final List<Future<?>> asking = new ArrayList<>();
        private volatile boolean isOver;

        private Client(long weight, SampleProcess mainly, SampleProcess also) {
            this.weight = weight;
            for (int i = 0; i < THREADS; i++) {
                SampleProcess app = i == 0 ? also : mainly;
                asking.add(threads.submit(() -> ask(app)));
            }
        }

        private void ask(SampleProcess app) {
            while (!isOver) {
                boolean passed = admissions.note(
                        1, () -> app.get("/try/search?client=weight-" + weight).statusCode() == 200);
                if (passed) {
                    permitted.incrementAndGet();
                } else {
                    refused.incrementAndGet();
                    pause();
                }
            }
        }

        private void leave() throws Exception {
            isOver = true;
            for (Future<?> thread : asking) {
                thread.get(30, TimeUnit.SECONDS);
            }
        }
    }

    /** Far shorter than the stated wait, and leaves the instances some of the processors. */
    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        instances.forEach(SampleProcess::close);
        redis.close();
    }

    @Test
    void threeInstances_shareByWeight_andAgainWhenOneHasLeft() throws Exception {
        startThree();
        Client one = new Client(1, instances.get(0), instances.get(1));
        Client two = new Client(2, instances.get(1), instances.get(0));
        Client five = new Client(5, instances.get(2), instances.get(0));

        // Processes that are just started are slow: shares are what they should be once every client asks for more.
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Stream.of(one, two, five).allMatch(client -> client.refused.get() >= 100));
        assertShares(Duration.ofSeconds(4), one, two, five);

        five.leave();
        assertThat(instances.get(2).terminate()).isZero();
        assertShares(Duration.ofSeconds(3), one, two);

        one.leave();
        two.leave();
        assertThat(admissions.above(CAPACITY)).isLessThanOrEqualTo(TWO_CLOCKS);
    }

    /** Within a twentieth, or three permits, which are that much of the smallest share. */
    private void assertShares(Duration time, Client... clients) throws InterruptedException {
        Thread.sleep(1_000); // In force from the second second on.
        List<Client> all = List.of(clients);
        List<Integer> before =
                all.stream().map(client -> client.permitted.get()).toList();
        long startNanos = System.nanoTime();
        Thread.sleep(time.toMillis()); // Meanwhile they ask.
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        List<Double> perSecond = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            perSecond.add((all.get(i).permitted.get() - before.get(i)) / seconds);
        }
        double weights = all.stream().mapToLong(client -> client.weight).sum();
        for (int i = 0; i < all.size(); i++) {
            double ideal = CAPACITY.permits() * all.get(i).weight / weights;
            assertThat(perSecond.get(i))
                    .as("%s", perSecond)
                    .isCloseTo(ideal, within(Math.max(0.05 * ideal, 3 / seconds)));
        }
    }

    private void startThree() throws Exception {
        Path config = directory.resolve("limits.properties");
        Files.write(
                config,
                List.of(
                        // On a busy machine an answer can be late: only the store's are fair among all.
                        "weir.store-deadline=10s",
                        "weir.leases=exact",
                        "weir.pool.backend.limit=" + CAPACITY.permits(),
                        "weir.pool.backend.burst=" + CAPACITY.capacity(),
                        "weir.policy.search.pool=backend",
                        "weir.policy.search.client.weight-2.weight=2",
                        "weir.policy.search.client.weight-5.weight=5"));
        List<Future<SampleProcess>> starting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            starting.add(threads.submit(() ->
                    SampleProcess.start("--store", "redisson", "--redis", redis.uri(), "--config", config.toString())));
        }
        for (Future<SampleProcess> process : starting) {
            instances.add(process.get(60, TimeUnit.SECONDS));
        }
        await().atMost(Duration.ofSeconds(10))
                .until(() -> instances.stream()
                        .allMatch(app -> app.get("/overview").body().contains("\"instances\":3")));
    }
}
