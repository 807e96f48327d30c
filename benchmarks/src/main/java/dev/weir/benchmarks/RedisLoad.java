package dev.weir.benchmarks;

import dev.weir.benchmarks.Askers.Round;
import dev.weir.redisson.OneCallEach;
import dev.weir.redisson.RedissonStore;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Option(names = "--redis", paramLabel = "URI", description = "A Redis that runs. Default: one of its own.")
    private String redis;

    @Mixin
    private Askers askers;

    @Option(names = "--rounds", paramLabel = "N", description = "How often. Default: ${DEFAULT-VALUE}")
    private int rounds = 7;

    @Override
    public Integer call() throws Exception {
        try (Redis server = redis == null ? Redis.start() : Redis.at(redis)) {
            run(server);
        }
        return CommandLine.ExitCode.OK;
    }

    private void run(Redis server) throws InterruptedException, ExecutionException {
        RedissonClient redisson = Redisson.create(server.config(CONNECTIONS));
        try (RedissonStore batched = RedissonStore.using(redisson)) {
            printHead(server);
            List<Redis> servers = List.of(server);
            Map<String, Function<StoreRequest, CompletableFuture<StoreReply>>> ways = new LinkedHashMap<>();
            ways.put("one call each", new OneCallEach(redisson));
            ways.put("batched", batched::tryAcquire);
            Map<String, List<Round>> results = new LinkedHashMap<>();
            for (Function<StoreRequest, CompletableFuture<StoreReply>> way : ways.values()) {
                askers.ask(servers, way); // The compiler warms up.
                askers.ask(servers, way);
            }
            for (int i = 0; i < rounds; i++) {
                for (Map.Entry<String, Function<StoreRequest, CompletableFuture<StoreReply>>> way : ways.entrySet()) {
                    results.computeIfAbsent(way.getKey(), name -> new ArrayList<>())
                            .add(askers.ask(servers, way.getValue()));
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
        System.out.printf("%s%n%n", askers.describe(rounds));
        System.out.printf("%-14s %28s %22s %24s %8s%n", "", "decisions/s", "p50 us", "p99 us", "per call");
    }

    private static void print(String name, List<Round> rounds) {
        System.out.printf(
                "%-14s %28s %22s %24s %8s%n",
                name,
                Round.spread(rounds, Round::perSecond).text(0),
                Round.spread(rounds, Round::p50Micros).text(0),
                Round.spread(rounds, Round::p99Micros).text(0),
                String.format(
                        Locale.ROOT,
                        "%.1f",
                        Round.spread(rounds, Round::perCall).median()));
    }

    private static void printRatios(List<Round> batched, List<Round> single) {
        System.out.printf(
                Locale.ROOT,
                "%nbatched: %.1f times the decisions per second, %.2f times the p99%n",
                ratio(batched, single, Round::perSecond),
                ratio(batched, single, Round::p99Micros));
    }

    private static double ratio(List<Round> batched, List<Round> single, ToDoubleFunction<Round> value) {
        return Round.spread(batched, value).median()
                / Round.spread(single, value).median();
    }
}
