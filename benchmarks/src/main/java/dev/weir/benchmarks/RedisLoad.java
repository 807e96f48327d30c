package dev.weir.benchmarks;

import dev.weir.Answer;
import dev.weir.Call;
import dev.weir.Charge;
import dev.weir.Limit;
import dev.weir.redisson.OneCallEach;
import dev.weir.redisson.RedissonStore;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.redisson.Redisson;
import org.redisson.api.RScript.Mode;
import org.redisson.api.RScript.ReturnType;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import redis.embedded.RedisExecProvider;

/**
 * Decisions on a real Redis, batched and one call each, through the same Redisson client. Rounds of both alternate in one run, so
 * that what else the machine does meets both; each round is threads that ask, wait for the answer and ask again.
 */
public final class RedisLoad {

    private static final int CONNECTIONS = 4;
    private static final Limit LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(1));

    private final int threads;
    private final int clients;
    private final int rounds;
    private final Duration round;

    private RedisLoad(Map<String, String> options) {
        threads = Integer.parseInt(options.get("--threads"));
        clients = Integer.parseInt(options.get("--clients"));
        rounds = Integer.parseInt(options.get("--rounds"));
        round = Duration.ofMillis(Long.parseLong(options.get("--round-millis")));
    }

    private record Result(double perSecond, double p50Micros, double p99Micros, double callsPerDecision) {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = options(arguments);
        String uri = options.get("--redis");
        if (!uri.isEmpty()) {
            new RedisLoad(options).run(uri);
            return;
        }
        File binary = RedisExecProvider.defaultProvider().get();
        Path directory = Files.createTempDirectory("weir-benchmark-");
        int port = freePort();
        Process redis = new ProcessBuilder(
                        binary.toString(), "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            new RedisLoad(options).run("redis://127.0.0.1:" + port);
        } finally {
            redis.destroyForcibly().waitFor();
            Files.deleteIfExists(directory.resolve("log"));
            Files.delete(directory);
        }
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new LinkedHashMap<>(Map.of(
                "--redis", "", "--threads", "64", "--clients", "10000", "--rounds", "7", "--round-millis", "3000"));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            if (options.replace(arguments[i], arguments[i + 1]) == null) {
                throw new IllegalArgumentException(arguments[i] + ": known are " + options.keySet());
            }
        }
        return options;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void run(String uri) throws InterruptedException {
        Config config = new Config();
        config.useSingleServer()
                .setAddress(uri)
                .setConnectionPoolSize(CONNECTIONS)
                .setConnectionMinimumIdleSize(CONNECTIONS)
                .setRetryAttempts(10); // Redis may only just be starting; the scripts never retry.
        RedissonClient redisson = Redisson.create(config);
        try (RedissonStore batched = RedissonStore.using(redisson)) {
            printHead(redisson);
            Map<String, Function<Call, CompletableFuture<Answer>>> ways = new LinkedHashMap<>();
            ways.put("one call each", new OneCallEach(redisson));
            ways.put("batched", batched::tryAcquire);
            Map<String, List<Result>> results = new LinkedHashMap<>();
            for (Function<Call, CompletableFuture<Answer>> way : ways.values()) {
                measure(redisson, way); // The compiler warms up.
                measure(redisson, way);
            }
            for (int i = 0; i < rounds; i++) {
                for (Map.Entry<String, Function<Call, CompletableFuture<Answer>>> way : ways.entrySet()) {
                    results.computeIfAbsent(way.getKey(), name -> new ArrayList<>())
                            .add(measure(redisson, way.getValue()));
                }
            }
            results.forEach(RedisLoad::print);
            printRatios(results.get("batched"), results.get("one call each"));
        } finally {
            redisson.shutdown();
        }
    }

    private void printHead(RedissonClient redisson) {
        String info = redisson.getScript(StringCodec.INSTANCE)
                .eval(
                        Mode.READ_ONLY,
                        "return redis.call('INFO', 'server'):match('redis_version:(%S+)')",
                        ReturnType.VALUE);
        System.out.printf(
                "%s; %d processors, %s %s; Java %s; Redis %s, Redisson %s, %d connections%n",
                Instant.now().toString().substring(0, 10),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version(),
                info,
                redissonVersion(),
                CONNECTIONS);
        System.out.printf(
                "%d threads, %d clients, %s; %d rounds of %d ms each, alternating; median (least - most)%n%n",
                threads, clients, LIMIT, rounds, round.toMillis());
        System.out.printf("%-14s %28s %22s %24s %8s%n", "", "decisions/s", "p50 us", "p99 us", "per call");
    }

    private static String redissonVersion() {
        Properties properties = new Properties();
        try (InputStream in =
                RedisLoad.class.getResourceAsStream("/META-INF/maven/org.redisson/redisson/pom.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "of unknown version");
    }

    private Result measure(RedissonClient redisson, Function<Call, CompletableFuture<Answer>> way)
            throws InterruptedException {
        AtomicReferenceArray<long[]> latencies = new AtomicReferenceArray<>(threads);
        CountDownLatch done = new CountDownLatch(threads);
        long callsBefore = scriptCalls(redisson);
        long startNanos = System.nanoTime();
        long endNanos = startNanos + round.toNanos();
        for (int i = 0; i < threads; i++) {
            int thread = i;
            new Thread(() -> {
                        latencies.set(thread, ask(way, endNanos));
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        long[] all = IntStream.range(0, threads)
                .mapToObj(latencies::get)
                .flatMapToLong(Arrays::stream)
                .sorted()
                .toArray();
        return new Result(
                all.length / seconds,
                all[all.length / 2] / 1e3,
                all[(int) (all.length * 0.99)] / 1e3,
                all.length / (double) (scriptCalls(redisson) - callsBefore));
    }

    private long[] ask(Function<Call, CompletableFuture<Answer>> way, long endNanos) {
        long[] latencies = new long[1 << 20];
        int count = 0;
        for (long start = System.nanoTime(); start < endNanos && count < latencies.length; ) {
            String client = "client-" + ThreadLocalRandom.current().nextInt(clients);
            way.apply(Call.of(client, List.of(new Charge("search", LIMIT, 1)))).join();
            long end = System.nanoTime();
            latencies[count++] = end - start;
            start = end;
        }
        return Arrays.copyOf(latencies, count);
    }

    private static long scriptCalls(RedissonClient redisson) {
        String stats = redisson.getScript(StringCodec.INSTANCE)
                .eval(
                        Mode.READ_ONLY,
                        "return redis.call('INFO', 'commandstats'):match('cmdstat_evalsha:calls=(%d+)') or '0'",
                        ReturnType.VALUE);
        return Long.parseLong(stats);
    }

    private static void print(String name, List<Result> results) {
        System.out.printf(
                "%-14s %28s %22s %24s %8.1f%n",
                name,
                spread(results, Result::perSecond),
                spread(results, Result::p50Micros),
                spread(results, Result::p99Micros),
                results.get(results.size() / 2).callsPerDecision);
    }

    private static void printRatios(List<Result> batched, List<Result> single) {
        System.out.printf(
                Locale.ROOT,
                "%nbatched: %.1f times the decisions per second, %.2f times the p99%n",
                median(batched, Result::perSecond) / median(single, Result::perSecond),
                median(batched, Result::p99Micros) / median(single, Result::p99Micros));
    }

    private static String spread(List<Result> results, ToDoubleFunction<Result> value) {
        double[] sorted = results.stream().mapToDouble(value).sorted().toArray();
        return "%.0f (%.0f - %.0f)".formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }

    private static double median(List<Result> results, ToDoubleFunction<Result> value) {
        double[] sorted = results.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
