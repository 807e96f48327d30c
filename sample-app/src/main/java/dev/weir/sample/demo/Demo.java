package dev.weir.sample.demo;

import dev.weir.BucketExistsException;
import dev.weir.Weir;
import dev.weir.sample.traffic.Flow;
import dev.weir.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a demo has beside its first instance: two more, each a process of its own, so that all share nothing but Redis;
 * that Redis, if it is the demo's own; and traffic for all three. Thread-safe.
 */
public final class Demo implements AutoCloseable {

    /** The context attribute that holds the demo; without one there are no controls. */
    public static final String ATTRIBUTE = Demo.class.getName();

    /** The profile of MicroProfile Config with the demo's policies. */
    public static final String PROFILE = "demo";

    private static final long CAROLS_WEIGHT = 3;
    private static final long RATE = 5;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final String adminToken;
    private final @Nullable DemoRedis redis;
    private final String store;
    private final List<DemoPart> parts = new CopyOnWriteArrayList<>();
    private volatile Runnable endOfFirst = () -> {};
    private volatile @Nullable Traffic traffic;

    /**
     * @param redis the demo's own, or null
     * @param store where usage is kept, in words
     */
    public Demo(String adminToken, @Nullable DemoRedis redis, String store) {
        this.adminToken = adminToken;
        this.redis = redis;
        this.store = store;
    }

    /** What the demo's clients have of their own; set at run time, so that it can be changed on the page. */
    public static void prepare(Weir weir) {
        try {
            if (weir.limits().find("carol").isEmpty()) {
                weir.limits().setWeight("search", "carol", CAROLS_WEIGHT);
            }
            weir.limits().createBucket("tenant-1", RATE, RATE * 2);
        } catch (BucketExistsException e) {
            // Another instance was first.
        } catch (StoreException e) {
            System.err.println(
                    "sample-app: the demo's clients are alike, because the store is away: " + e.getMessage());
        }
    }

    /** Ends this process when the demo that started it has ended. */
    public static void endWithParent() {
        DemoPart.endWithParent();
    }

    /**
     * Starts another instance.
     *
     * @param id its name
     * @param command what starts it
     */
    public void startPart(String id, List<String> command) throws IOException {
        parts.add(new DemoPart(id, command, adminToken));
    }

    /**
     * Waits until the other instances serve.
     *
     * @throws IllegalStateException if one does not start; it has said why
     */
    public void awaitParts() throws IOException {
        for (DemoPart part : parts) {
            part.awaitReady();
        }
        nameRedis();
    }

    private void nameRedis() {
        if (redis != null) {
            parts.forEach(part -> part.endAlso(redis.pid()));
        }
    }

    /** Begins to send requests. */
    public void startTraffic(URI firstInstance) {
        Traffic started = new Traffic(
                http,
                Stream.concat(Stream.of(firstInstance), parts.stream().map(DemoPart::root))
                        .toList());
        started.start();
        traffic = started;
    }

    /** What the other instances publish. */
    public List<String> snapshots() {
        List<CompletableFuture<String>> asked =
                parts.stream().map(part -> part.snapshot(http)).toList(); // All at once: one may not answer.
        return asked.stream().map(CompletableFuture::join).toList();
    }

    String adminToken() {
        return adminToken;
    }

    String store() {
        return store;
    }

    /** Empty if it is not the demo's own. */
    Optional<Boolean> redisRuns() {
        return Optional.ofNullable(redis).map(DemoRedis::isRunning);
    }

    /** @throws IllegalStateException if it is not the demo's own, or does not start */
    void turnRedis(boolean on) throws IOException {
        if (redis == null) {
            throw new IllegalStateException("Redis is not the demo's own");
        }
        if (on) {
            redis.start();
            nameRedis();
        } else {
            redis.kill();
        }
    }

    List<Flow> flows() {
        Traffic running = traffic;
        return running == null ? List.of() : running.flows();
    }

    Optional<Flow> flow(String client) {
        Traffic running = traffic;
        return running == null ? Optional.empty() : running.flow(client);
    }

    /** How the first instance ends, which runs in this process. */
    public void first(Runnable end) {
        endOfFirst = end;
    }

    /** Ends all that the demo has started: traffic, then instances, which give leases back, then Redis. */
    @Override
    public void close() {
        Traffic running = traffic;
        if (running != null) {
            running.close();
        }
        parts.parallelStream().forEach(DemoPart::close);
        try {
            endOfFirst.run();
        } finally {
            if (redis != null) {
                redis.close();
            }
        }
    }
}
