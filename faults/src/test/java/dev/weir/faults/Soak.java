package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Three instances on one Redis that writes down what it does, under all kinds of limits, while numbers are changed and
 * processes are killed. {@link Disturbance} has all that is made, and {@link SoakReport} judges what was seen.
 */
final class Soak implements AutoCloseable {

    static final int INSTANCES = 3;

    private static final Duration WARM_UP = Duration.ofSeconds(12);
    /** Where decisions were not shared again while that was waited for. */
    private static final Duration NOT_SEEN = Duration.ofHours(1);

    private static final Duration JOINED = Duration.ofSeconds(30);

    private final RedisServer redis = Arrangement.KEEPING.start().get();
    private final Map<String, Integer> limits = new TreeMap<>();
    private final Entitlements entitlements = new Entitlements();
    private final Scene scene;
    private final Losses losses;
    private final Queue<Duration> returns = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Queue<String> late = new ConcurrentLinkedQueue<>();
    private final Queue<String> journal = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> made = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final long startNanos = System.nanoTime();

    Soak(Path directory) throws IOException {
        Files.createDirectories(directory);
        SoakTraffic.ofFile()
                .forEach((policy, kinds) -> limits.put(policy, kinds.get(0).limit()));
        scene = new Scene(
                directory,
                Arrangement.KEEPING.settings().apply(redis, directory),
                SoakTraffic.ALL,
                SoakTraffic.settings(limits));
        losses = new Losses(scene, entitlements);
    }

    /** Starts the instances, without load, and makes the bucket. */
    void start() throws Exception {
        for (int i = 0; i < INSTANCES; i++) {
            scene.launch(List.of());
        }
        scene.awaitInstances(INSTANCES);
        Traffic bucket = SoakTraffic.BUCKET;
        String body = "{\"id\": \"%s\", \"rate\": %d, \"burst\": %d}"
                .formatted(bucket.title(), bucket.limit(), bucket.burst());
        assertThat(scene.running().get(0).admin("POST", "buckets", SoakTraffic.TOKEN, body))
                .isEqualTo(201);
    }

    /** Lets instances load what they need, and start what an outage needs: none of it is what a soak leaves behind. */
    void warmUp() throws InterruptedException {
        losses.begin();
        scene.startLoad();
        Trial.warmUp(scene, WARM_UP);
        Faults.stop(redis, 0.5);
        Trial.awaitShared(scene, System.nanoTime());
        scene.stopLoad();
        losses.end();
    }

    /** The journal says when requests begin: what is found of them is counted from then on. */
    void begin() {
        journal.add("%.1f s: requests begin".formatted(seconds()));
        scene.startLoad();
    }

    /** Makes one disturbance after the other until a time, and ends the last one that was begun. */
    void disturb(Schedule schedule, long endNanos) {
        try {
            for (Schedule.Step step = schedule.next();
                    System.nanoTime() + step.pauseSeconds() * 1e9 < endNanos;
                    step = schedule.next()) {
                Scene.pause(step.pauseSeconds());
                make(step);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void make(Schedule.Step step) {
        String name = step.disturbance().name();
        made.merge(name, 1, Integer::sum);
        double from = seconds();
        try {
            step.disturbance().act().make(this, step.draw());
        } catch (Exception | AssertionError e) {
            failures.add("%s at %.1f s: %s".formatted(name, from, e));
        }
        journal.add("%.1f to %.1f s: %s, %d".formatted(from, seconds(), name, step.draw()));
    }

    private double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** Ends an instance. */
    interface Ending {

        void of(Instance instance) throws Exception;
    }

    /** Ends one of the instances but the first, and starts another in its place. */
    void replace(int draw, Ending ending) throws Exception {
        losses.look();
        ending.of(scene.running().get(1 + draw % (INSTANCES - 1)));
        Scene.pause(0.5 + draw % 4 * 0.5);
        scene.join();
        await().atMost(JOINED)
                .ignoreExceptions()
                .until(() -> scene.running().stream().allMatch(each -> each.counted() >= INSTANCES));
        awaitShared(System.nanoTime());
    }

    void killRedis(double seconds) throws InterruptedException {
        lose(Allowance.losses(1).stateLost(), () -> {
            long diedNanos = System.nanoTime();
            redis.kill();
            Scene.pause(seconds);
            restartRedis();
            entitlements.lose(diedNanos);
        });
    }

    /** It first reads what it has written down, which takes its time where the machine does other things. */
    private void restartRedis() {
        try {
            redis.restart();
        } catch (ConditionTimeoutException e) {
            await().atMost(JOINED).ignoreExceptions().until(() -> "PONG".equals(redis.send("PING")));
        }
    }

    void stopRedis(double seconds) throws InterruptedException {
        lose(Allowance.losses(1), () -> Faults.stop(redis, seconds));
    }

    private interface Loss {

        void make() throws InterruptedException;
    }

    private void lose(Allowance allowance, Loss loss) throws InterruptedException {
        losses.begin();
        long fromNanos = System.nanoTime();
        try {
            loss.make();
            awaitShared(System.nanoTime());
            await().atMost(JOINED)
                    .ignoreExceptions()
                    .until(() -> scene.running().stream()
                            .allMatch(each -> each.get("/metrics").contains("weir_store_up 1")));
        } finally {
            losses.end();
            long toNanos = System.nanoTime();
            entitlements.delay(fromNanos, toNanos);
            entitlements.fault(fromNanos, toNanos, allowance);
        }
    }

    private void awaitShared(long endNanos) throws InterruptedException {
        returns.add(Trial.awaitShared(scene, endNanos).orElse(NOT_SEEN));
    }

    /** The limit of a policy of the configuration file. */
    int limit(String policy) {
        return limits.get(policy);
    }

    /** Gives a policy of the configuration file another limit. */
    void rewrite(String policy, int limit) throws IOException {
        List<Traffic> changed = SoakTraffic.ofFile().get(policy);
        changed.forEach(each -> entitlements.of(each).attempt(limit, System.nanoTime()));
        limits.put(policy, limit);
        scene.rewrite(SoakTraffic.settings(limits));
        changed.forEach(each -> entitlements.of(each).succeed(System.nanoTime()));
    }

    /** Changes a limit through the admin resource of any instance; while the store is away, that is refused. */
    void change(Traffic traffic, int limit, String method, String path, String body) throws Exception {
        List<Instance> running = scene.running();
        Instance instance = running.get(asked.getAndIncrement() % running.size());
        entitlements.of(traffic).attempt(limit, System.nanoTime());
        try {
            int status = instance.admin(method, path, SoakTraffic.TOKEN, body);
            if (status / 100 == 2) {
                entitlements.of(traffic).succeed(System.nanoTime());
            } else if (status == 503) {
                made.merge("changes refused", 1, Integer::sum);
            } else {
                failures.add("%s %s %s: %d".formatted(method, path, body, status));
            }
        } catch (HttpTimeoutException e) {
            late.add("no answer to %s %s %s".formatted(method, path, body));
        } catch (IOException e) {
            if (!instance.isLeaving()) {
                throw e;
            }
            made.merge("changes refused", 1, Integer::sum);
        }
    }

    /** Takes away what was set at run time, but for two clients and the bucket. */
    void settle() throws Exception {
        Instance instance = scene.running().get(0);
        for (int i = 0; i < SoakTraffic.POOL.clients(); i++) {
            admin(instance, "DELETE", "policies/search/clients/pool-" + i, "");
        }
        admin(instance, "DELETE", "policies/custom/clients/overridden", "");
        admin(instance, "PUT", "policies/custom/clients/planned", "{\"plan\": \"gold\"}");
        admin(instance, "PUT", "policies/custom/clients/weighted", "{\"weight\": 2}");
    }

    private static void admin(Instance instance, String method, String path, String body) throws Exception {
        assertThat(instance.admin(method, path, SoakTraffic.TOKEN, body) / 100)
                .as("%s %s", method, path)
                .isEqualTo(2);
    }

    /** The keys that stay when nothing is in use. */
    Set<String> kept() {
        return Set.of(
                "weir:{all}:instances",
                "weir:{all}:shards",
                Keys.ofSettings("clients", "planned"),
                Keys.ofSettings("clients", "weighted"),
                Keys.ofSettings("buckets", SoakTraffic.BUCKET.title()));
    }

    Scene scene() {
        return scene;
    }

    RedisServer redis() {
        return redis;
    }

    Losses losses() {
        return losses;
    }

    /** How often each disturbance was made. */
    Map<String, Integer> made() {
        return new TreeMap<>(made);
    }

    /** What was made, and when, in the order of its end. */
    List<String> journal() {
        return List.copyOf(journal);
    }

    /** Changes that were not answered in time; they may have been made. */
    List<String> late() {
        return List.copyOf(late);
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** The longest time until decisions were shared again. */
    Duration sharedAfter() {
        return returns.stream().max(Duration::compareTo).orElse(Duration.ZERO);
    }

    Entitlements entitlements() {
        return entitlements;
    }

    @Override
    public void close() {
        scene.close();
        redis.close();
    }
}
