package dev.weir.benchmarks;

import com.google.common.collect.Lists;
import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import dev.weir.redisson.RedissonStore;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.DelayParameters;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.github.bucket4j.redis.redisson.Bucket4jRedisson;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.redisson.Redisson;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RScript;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/**
 * Contenders that share limits over Redis, each as its documentation says it is used, and each with connections of its
 * own: all on Redisson with the same settings, all on Lettuce with one connection, as Lettuce wants it. What can be
 * kept for a client is kept.
 */
final class RedisContenders {

    static final String FLOOR = "floor: one bare EVALSHA, on Lettuce";

    /**
     * What Weir chooses where it connects by itself. Redisson's own 24 to 64 connections and 48 threads made all that
     * run on it slower on two processors, its own limiter most of all.
     */
    private static final int CONNECTIONS = 4;

    private static final int THREADS = 2;
    private static final int NETTY_THREADS = 1;
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int PIPELINED = 1_000;
    static final String POLICY = "default";
    private static final LongSupplier ONE = () -> 1;

    /** Long enough that Redis decides each time: at the end of a deadline Weir decides without. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Keeps what it is done with for a while, so that a client that asks again does not start anew. As documented. */
    private static final ExpirationAfterWriteStrategy EXPIRATION =
            ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(10));

    private RedisContenders() {}

    /** Opens a contender whose limit is a burst of {@code perSecond}, and as many more each second. */
    @FunctionalInterface
    interface Opener {
        Contender open(String uri, int perSecond);
    }

    /** All of them by name; the floor last. */
    static Map<String, Opener> all() {
        Map<String, Opener> all = new LinkedHashMap<>();
        for (StoreUse use : StoreUse.values()) {
            all.put(use.row(), (uri, perSecond) -> weir(uri, use, perSecond));
        }
        all.put("Redisson RRateLimiter", RedisContenders::redissonLimiter);
        all.put("Bucket4j on Redisson", RedisContenders::bucket4jOnRedisson);
        all.put("Bucket4j on Lettuce", (uri, perSecond) -> bucket4jOnLettuce(uri, perSecond, null));
        all.put(
                "Bucket4j on Lettuce, batching",
                (uri, perSecond) -> bucket4jOnLettuce(uri, perSecond, Optimizations.batching()));
        all.put(
                "Bucket4j on Lettuce, delaying",
                (uri, perSecond) -> bucket4jOnLettuce(
                        uri,
                        perSecond,
                        // A tenth of a limit, or of its period, is decided without Redis: as long as a lease may.
                        Optimizations.delaying(new DelayParameters(perSecond / 10, PERIOD.dividedBy(10)))));
        all.put(FLOOR, RedisContenders::floor);
        return all;
    }

    /** The same, and what a call of Weir's client takes at least: for the latency of one call that nothing shares. */
    static Map<String, Opener> alone() {
        Map<String, Opener> all = new LinkedHashMap<>(all());
        all.put("one bare EVALSHA, on Redisson", RedisContenders::floorOnRedisson);
        all.put("one GET, on Redisson", (uri, perSecond) -> getOnRedisson(uri));
        all.put(FLOOR, all.remove(FLOOR)); // The last one is what the others are compared with.
        return all;
    }

    static Policy policy(int perSecond) {
        return Policy.of(POLICY, Limit.tokenBucket(perSecond, PERIOD));
    }

    static Contender weir(String uri, StoreUse use, int perSecond) {
        return weir(uri, use, List.of(policy(perSecond)), weir -> weir.limiter(POLICY)::allow);
    }

    /** @param question asks the limiter about a client */
    static Contender weir(String uri, StoreUse use, List<Policy> policies, Function<Weir, Predicate<String>> question) {
        RedissonClient redisson = redisson(uri);
        NoFailures failures = new NoFailures();
        Weir weir = use.set(Weir.builder())
                .store(RedissonStore.using(redisson))
                .policies(policies)
                .storeDeadline(PATIENCE)
                .listener(failures)
                .build();
        return closing(question.apply(weir)::test, () -> {
            weir.close();
            shutDown(redisson);
            failures.check();
        });
    }

    /** Closes the limiter. */
    static Contender of(Weir weir) {
        RateLimiter limiter = weir.limiter(POLICY);
        return closing(limiter::allow, weir::close);
    }

    private static Contender redissonLimiter(String uri, int perSecond) {
        return redissonLimiter(uri, perSecond, ONE);
    }

    static Contender redissonLimiter(String uri, int perSecond, LongSupplier costs) {
        RedissonClient redisson = redisson(uri);
        Map<String, RRateLimiter> limiters = new ConcurrentHashMap<>();
        Function<String, RRateLimiter> limiterOf = id -> redisson.getRateLimiter("redisson:" + id);
        return new Contender() {
            @Override
            public boolean tryAcquire(String client) {
                return limiters.computeIfAbsent(client, id -> {
                            RRateLimiter limiter = limiterOf.apply(id);
                            limiter.trySetRate(RateType.OVERALL, perSecond, PERIOD);
                            return limiter;
                        })
                        .tryAcquire(costs.getAsLong());
            }

            /** An application that lives long sets the rate of a client once, and asks many times. */
            @Override
            public void expect(Collection<String> clients) {
                for (List<String> some : Lists.partition(List.copyOf(clients), PIPELINED)) {
                    CompletableFuture.allOf(some.stream()
                                    .map(id -> {
                                        RRateLimiter limiter = limiterOf.apply(id);
                                        limiters.put(id, limiter);
                                        return limiter.trySetRateAsync(RateType.OVERALL, perSecond, PERIOD)
                                                .toCompletableFuture();
                                    })
                                    .toArray(CompletableFuture[]::new))
                            .join();
                }
            }

            @Override
            public void close() {
                shutDown(redisson);
            }
        };
    }

    private static Contender bucket4jOnRedisson(String uri, int perSecond) {
        RedissonClient redisson = redisson(uri);
        ProxyManager<String> manager = Bucket4jRedisson.casBasedBuilder(((Redisson) redisson).getCommandExecutor())
                .expirationAfterWrite(EXPIRATION)
                .build();
        return closing(bucket4j(manager, greedy(perSecond), null, ONE), () -> shutDown(redisson));
    }

    private static Contender bucket4jOnLettuce(String uri, int perSecond, Optimization optimization) {
        return bucket4jOnLettuce(uri, greedy(perSecond), optimization, ONE);
    }

    /** @param optimization null if there is none */
    static Contender bucket4jOnLettuce(
            String uri, BucketConfiguration configuration, Optimization optimization, LongSupplier costs) {
        RedisClient client = RedisClient.create(uri);
        StatefulRedisConnection<String, byte[]> connection =
                client.connect(RedisCodec.of(io.lettuce.core.codec.StringCodec.UTF8, ByteArrayCodec.INSTANCE));
        ProxyManager<String> manager = Bucket4jLettuce.casBasedBuilder(connection)
                .expirationAfterWrite(EXPIRATION)
                .build();
        return closing(bucket4j(manager, configuration, optimization, costs), () -> shutDown(client));
    }

    static BucketConfiguration greedy(int perSecond) {
        return BucketConfiguration.builder()
                .addLimit(limit -> limit.capacity(perSecond).refillGreedy(perSecond, PERIOD))
                .build();
    }

    private static Contender bucket4j(
            ProxyManager<String> manager,
            BucketConfiguration configuration,
            Optimization optimization,
            LongSupplier costs) {
        Map<String, BucketProxy> buckets = new ConcurrentHashMap<>();
        return client -> buckets.computeIfAbsent(client, id -> {
                    var builder = manager.builder();
                    return (optimization == null ? builder : builder.withOptimization(optimization))
                            .build("bucket4j:" + id, () -> configuration);
                })
                .tryConsume(costs.getAsLong());
    }

    static Contender floor(String uri, int perSecond) {
        RedisClient client = RedisClient.create(uri);
        RedisCommands<String, String> redis = client.connect().sync();
        String hash = redis.scriptLoad(floorScript());
        String emissionMicros = emissionMicros(perSecond);
        String burst = Integer.toString(perSecond);
        Contender contender = id ->
                redis.<Long>evalsha(hash, ScriptOutputType.INTEGER, new String[] {"floor:" + id}, emissionMicros, burst)
                        == 1;
        return closing(contender, () -> shutDown(client));
    }

    private static Contender floorOnRedisson(String uri, int perSecond) {
        RedissonClient redisson = redisson(uri);
        RScript scripts = redisson.getScript(StringCodec.INSTANCE);
        String hash = scripts.scriptLoad(floorScript());
        String emissionMicros = emissionMicros(perSecond);
        String burst = Integer.toString(perSecond);
        Contender contender = id -> scripts.<Boolean>evalSha(
                RScript.Mode.READ_WRITE,
                hash,
                RScript.ReturnType.BOOLEAN,
                List.of("floor:" + id),
                emissionMicros,
                burst);
        return closing(contender, () -> shutDown(redisson));
    }

    /** Decides nothing. */
    private static Contender getOnRedisson(String uri) {
        RedissonClient redisson = redisson(uri);
        return closing(
                id -> redisson.getBucket("floor:" + id, StringCodec.INSTANCE).get() == null, () -> shutDown(redisson));
    }

    private static String emissionMicros(int perSecond) {
        return Double.toString((double) TimeUnit.SECONDS.toMicros(1) / perSecond);
    }

    static String floorScript() {
        try (InputStream in = RedisContenders.class.getResourceAsStream("/floor.lua")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RedissonClient redisson(String uri) {
        Config config = new Config();
        config.setThreads(THREADS).setNettyThreads(NETTY_THREADS);
        config.useSingleServer()
                .setAddress(uri)
                .setConnectionPoolSize(CONNECTIONS)
                .setConnectionMinimumIdleSize(CONNECTIONS);
        return Redisson.create(config);
    }

    private static void shutDown(RedissonClient redisson) {
        redisson.shutdown(0, 2, TimeUnit.SECONDS);
    }

    private static void shutDown(RedisClient client) {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }

    private static Contender closing(Contender contender, Runnable end) {
        return new Contender() {
            @Override
            public boolean tryAcquire(String client) {
                return contender.tryAcquire(client);
            }

            @Override
            public void close() {
                end.run();
            }
        };
    }

    /** A decision that was not the store's would be measured as if it were. */
    private static final class NoFailures implements LimiterListener {

        private final AtomicReference<StoreException.Kind> first = new AtomicReference<>();

        @Override
        public void onStoreFailure(StoreException.Kind kind, long nanos) {
            first.compareAndSet(null, kind);
        }

        void check() {
            if (first.get() != null) {
                throw new IllegalStateException("Weir's store has failed: " + first.get());
            }
        }
    }
}
