package dev.weir.benchmarks;

import dev.weir.benchmarks.Askers.Round;
import dev.weir.redisson.RedisCluster;
import dev.weir.redisson.RedisServer;
import dev.weir.redisson.RedissonStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Decisions on one Redis and on a cluster of three masters, with few and with many shards. A batch holds calls of one
 * shard, so many shards make small batches. Rounds of all alternate.
 *
 * <p>With fewer processors than processes, decisions a second say little: then look at what a decision costs Redis.
 */
@Command(
        name = "cluster-load",
        description = "Decisions on one Redis and on a cluster of three masters, by shards.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class ClusterLoad implements Callable<Integer> {

    private static final int CONNECTIONS = 4;
    private static final int WARM_UPS = 3;

    @Option(
            names = "--shards",
            paramLabel = "N",
            split = ",",
            description = "weir.redis.shards of the cluster's rows. Default: ${DEFAULT-VALUE}")
    private List<Integer> shards = List.of(64, 30, 12, 3);

    @Mixin
    private Askers askers;

    @Option(names = "--rounds", paramLabel = "N", description = "How often. Default: ${DEFAULT-VALUE}")
    private int rounds = 5;

    /** A store on a client of its own, and the servers that decide for it. */
    private record Row(RedissonClient client, RedissonStore store, List<Redis> servers) implements AutoCloseable {

        @Override
        public void close() {
            store.close();
            client.shutdown();
        }
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("weir-benchmark-");
        try (Redis one = Redis.start();
                RedisCluster cluster = RedisCluster.start()) {
            Machine.describe(one).forEach((name, value) -> System.out.printf("%s: %s%n", name, value));
            Map<String, Row> rows = new LinkedHashMap<>();
            rows.put("one Redis", onOne(one));
            Path config = cluster.config(directory);
            List<Redis> masters = mastersOf(cluster);
            for (int count : shards) {
                rows.put("three masters, %d shards".formatted(count), onCluster(config, count, masters));
            }
            measure(rows);
            rows.values().forEach(Row::close);
            for (Redis master : masters) {
                master.close();
            }
            Files.delete(config);
        }
        Files.delete(directory);
        return CommandLine.ExitCode.OK;
    }

    private static Row onOne(Redis server) {
        // With as many threads as for the cluster.
        RedissonClient client =
                Redisson.create(server.config(CONNECTIONS).setThreads(2).setNettyThreads(2));
        return new Row(client, RedissonStore.using(client), List.of(server));
    }

    /** A cluster has one number of shards for good, but for applications that have a prefix of their own. */
    private static Row onCluster(Path config, int shards, List<Redis> masters) throws IOException {
        RedissonClient client = Redisson.create(Config.fromYAML(config.toFile()));
        return new Row(client, RedissonStore.using(client, shards, "shards-" + shards), masters);
    }

    private static List<Redis> mastersOf(RedisCluster cluster) throws InterruptedException {
        List<Redis> masters = new ArrayList<>();
        for (RedisServer master : cluster.masters()) {
            masters.add(Redis.at(master.uri()));
        }
        return masters;
    }

    private void measure(Map<String, Row> rows) throws InterruptedException, ExecutionException {
        System.out.printf("%s%n%n", askers.describe(rounds));
        System.out.printf(
                "%-26s %28s %22s %12s %24s%n", "", "decisions/s", "p99 us", "per call", "Redis us a decision");
        Map<String, List<Round>> results = new LinkedHashMap<>();
        for (int i = -WARM_UPS; i < rounds; i++) {
            for (Map.Entry<String, Row> row : rows.entrySet()) {
                Round round =
                        askers.ask(row.getValue().servers(), row.getValue().store()::tryAcquire);
                if (i >= 0) {
                    results.computeIfAbsent(row.getKey(), name -> new ArrayList<>())
                            .add(round);
                }
            }
        }
        results.forEach(ClusterLoad::print);
    }

    private static void print(String name, List<Round> rounds) {
        System.out.printf(
                Locale.ROOT,
                "%-26s %28s %22s %12.1f %24s%n",
                name,
                Round.spread(rounds, Round::perSecond).text(0),
                Round.spread(rounds, Round::p99Micros).text(0),
                Round.spread(rounds, Round::perCall).median(),
                Round.spread(rounds, Round::redisMicros).text(1));
    }
}
