package dev.weir.benchmarks;

import dev.weir.limit.Limit;
import dev.weir.redisson.OneCallEach;
import dev.weir.redisson.RedissonStore;
import dev.weir.store.Charge;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Decisions on a real Redis, batched and one call each, through the same Redisson client. Rounds of both alternate in
 * one run, so that what else the machine does meets both; each round is threads that ask, wait for the answer and ask
 * again.
 */
@Command(
        name = "redis-load",
        description = "Decisions on a real Redis, batched and one call each.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class RedisLoad implements Callable<Integer> {

    private static final int CONNECTIONS = 4;
    private static final Limit LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(1));

    @Option(names = "--redis", paramLabel = "URI", description = "A Redis that runs. Default: one of its own.")
    private String redis;

    @Option(names = "--threads", paramLabel = "N", description = "How many ask. Default: ${DEFAULT-VALUE}")
    private int threads = 64;

    @Option(names = "--clients", paramLabel = "N", description = "For how many clients. Default: ${DEFAULT-VALUE}")
    private int clients = 10_000;

    @Option(names = "--rounds", paramLabel = "N", description = "How often. Default: ${DEFAULT-VALUE}")
    private int rounds = 7;

    @Option(names = "--round-millis", paramLabel = "MS", description = "How long. Default: ${DEFAULT-VALUE}")
    private long roundMillis = 3_000;

    private record Result(double perSecond, double p50Micros, double p99Micros, double callsPerDecision) {}

    @Override
    public Integer call() throws Exception {
        try (Redis server = redis == null ? Redis.start() : Redis.at(redis)) {
            run(server);
        }
        return CommandLine.ExitCode.OK;
    }

    private void run(Redis server) throws InterruptedException {
        Config config = new Config();
        config.useSingleServer()
                .setAddress(server.uri())
                .setConnectionPoolSize(CONNECTIONS)
                .setConnectionMinimumIdleSize(CONNECTIONS);
        RedissonClient redisson = Redisson.create(config);
        try (RedissonStore batched = RedissonStore.using(redisson)) {
            printHead(server);
            Map<String, Function<StoreRequest, CompletableFuture<StoreReply>>> ways = new LinkedHashMap<>();
            ways.put("one call each", new OneCallEach(redisson));
            ways.put("batched", batched::tryAcquire);
            Map<String, List<Result>> results = new LinkedHashMap<>();
            for (Function<StoreRequest, CompletableFuture<StoreReply>> way : ways.values()) {
                measure(server, way); // The compiler warms up.
                measure(server, way);
            }
            for (int i = 0; i < rounds; i++) {
                for (Map.Entry<String, Function<StoreRequest, CompletableFuture<StoreReply>>> way : ways.entrySet()) {
                    results.computeIfAbsent(way.getKey(), name -> new ArrayList<>())
                            .add(measure(server, way.getValue()));
                }
            }
            results.forEach(RedisLoad::print);
            printRatios(results.get("batched"), results.get("one call each"));
        } finally {
            redisson.shutdown();
        }
    }

    private void printHead(Redis server) {
        System.out.printf(
                "%s; %d processors, %s %s; Java %s; Redis %s, %s, %d connections%n",
                Instant.now().toString().substring(0, 10),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version(),
                server.info("server", "redis_version"),
                Machine.version(Redisson.class),
                CONNECTIONS);
        System.out.printf(
                "%d threads, %d clients, %s; %d rounds of %d ms each, alternating; median (least - most)%n%n",
                threads, clients, LIMIT, rounds, roundMillis);
        System.out.printf("%-14s %28s %22s %24s %8s%n", "", "decisions/s", "p50 us", "p99 us", "per call");
    }

    private Result measure(Redis server, Function<StoreRequest, CompletableFuture<StoreReply>> way)
            throws InterruptedException {
        AtomicReferenceArray<long[]> latencies = new AtomicReferenceArray<>(threads);
        CountDownLatch done = new CountDownLatch(threads);
        long callsBefore = server.work().scripts();
        long startNanos = System.nanoTime();
        long endNanos = startNanos + TimeUnit.MILLISECONDS.toNanos(roundMillis);
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
                all.length / (double) (server.work().scripts() - callsBefore));
    }

    private long[] ask(Function<StoreRequest, CompletableFuture<StoreReply>> way, long endNanos) {
        long[] latencies = new long[1 << 20];
        int count = 0;
        for (long start = System.nanoTime(); start < endNanos && count < latencies.length; ) {
            String client = "client-" + ThreadLocalRandom.current().nextInt(clients);
            way.apply(StoreRequest.of(client, List.of(new Charge("search", LIMIT, 1))))
                    .join();
            long end = System.nanoTime();
            latencies[count++] = end - start;
            start = end;
        }
        return Arrays.copyOf(latencies, count);
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
