package dev.weir.benchmarks;

import dev.weir.benchmarks.Askers.Round;
import dev.weir.redisson.RedisCluster;
import dev.weir.redisson.RedisServer;
import dev.weir.redisson.RedissonStore;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.redisson.client.DefaultNettyHook;
import org.redisson.config.Config;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Decisions on one Redis and on a cluster of three masters, with few and with many shards. A batch holds calls of one
 * shard, so many shards make small batches. The cluster is measured as it is, where the calls of all shards of a master
 * leave together, and with each call written by itself; nothing else differs. Rounds of all alternate, each in an order
 * of its own.
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

    /** Takes out what lets calls leave together. */
    private static final class EachAlone extends DefaultNettyHook {

        @Override
        public void afterChannelInitialization(Channel channel) {
            channel.pipeline().remove(FlushConsolidationHandler.class);
        }
    }

    /** A store, and the servers that decide for it. */
    private record Row(RedissonStore store, List<Redis> servers) implements AutoCloseable {

        static Row of(Config config, String name, int shards, List<Redis> servers) {
            Map<String, String> settings =
                    Map.of("weir.redis.shards", Integer.toString(shards), "weir.redis.prefix", name + "-" + shards);
            return new Row(RedissonStore.connecting(config, null, null, settings::get), servers);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("weir-benchmark-");
        try (Redis one = Redis.start();
                RedisCluster cluster = RedisCluster.start()) {
            Machine.describe(one).forEach((name, value) -> System.out.printf("%s: %s%n", name, value));
            Map<String, Row> rows = new LinkedHashMap<>();
            rows.put("one Redis", Row.of(onOne(one), "one", 64, List.of(one)));
            Path config = cluster.config(directory);
            List<Redis> masters = mastersOf(cluster);
            for (int count : shards) {
                String name = "three masters, %d shards".formatted(count);
                Config alone = Config.fromYAML(config.toFile()).setNettyHook(new EachAlone());
                rows.put(name, Row.of(Config.fromYAML(config.toFile()), "together", count, masters));
                rows.put(name + ", each alone", Row.of(alone, "alone", count, masters));
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

    /** With as many threads as for the cluster. */
    private static Config onOne(Redis server) {
        return server.config(CONNECTIONS).setThreads(2).setNettyThreads(2);
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
                "%-40s %28s %22s %12s %24s%n", "", "decisions/s", "p99 us", "per call", "Redis us a decision");
        Map<String, List<Round>> results = new LinkedHashMap<>();
        rows.keySet().forEach(name -> results.put(name, new ArrayList<>()));
        for (int i = -WARM_UPS; i < rounds; i++) {
            List<String> order = new ArrayList<>(rows.keySet());
            Collections.shuffle(order, new Random(i)); // A row suffers from the one before it.
            for (String name : order) {
                Row row = rows.get(name);
                Round round = askers.ask(row.servers(), row.store()::tryAcquire);
                if (i >= 0) {
                    results.get(name).add(round);
                }
            }
        }
        results.forEach(ClusterLoad::print);
    }

    private static void print(String name, List<Round> rounds) {
        System.out.printf(
                Locale.ROOT,
                "%-40s %28s %22s %12.1f %24s%n",
                name,
                Round.spread(rounds, Round::perSecond).text(0),
                Round.spread(rounds, Round::p99Micros).text(0),
                Round.spread(rounds, Round::perCall).median(),
                Round.spread(rounds, Round::redisMicros).text(1));
    }
}
