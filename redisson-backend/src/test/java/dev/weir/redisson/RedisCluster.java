package dev.weir.redisson;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A cluster of three masters without replicas: processes of a test's own. */
public final class RedisCluster implements AutoCloseable {

    private static final int MASTERS = 3;
    private static final int SLOTS = 16_384;
    private static final Duration START = Duration.ofSeconds(20);

    private final List<RedisServer> masters;

    private RedisCluster(List<RedisServer> masters) {
        this.masters = masters;
    }

    /** Starts it and waits until every node serves. */
    public static RedisCluster start() {
        List<RedisServer> masters = Stream.generate(() -> RedisServer.start(
                        "--cluster-enabled",
                        "yes",
                        "--cluster-node-timeout",
                        "2000",
                        "--cluster-require-full-coverage",
                        "no"))
                .limit(MASTERS)
                .toList();
        for (int i = 0; i < MASTERS; i++) {
            RedisServer master = masters.get(i);
            IntStream slots = IntStream.range(SLOTS * i / MASTERS, SLOTS * (i + 1) / MASTERS);
            master.send(Stream.concat(Stream.of("CLUSTER", "ADDSLOTS"), slots.mapToObj(Integer::toString))
                    .toArray(String[]::new));
            master.send("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            master.send(
                    "CLUSTER",
                    "MEET",
                    "127.0.0.1",
                    Integer.toString(masters.get(0).port()));
        }
        Awaitility.await()
                .atMost(START)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> masters.stream().allMatch(RedisCluster::isComplete));
        return new RedisCluster(masters);
    }

    private static boolean isComplete(RedisServer master) {
        String info = (String) master.send("CLUSTER", "INFO");
        return info.contains("cluster_state:ok") && info.contains("cluster_size:" + MASTERS);
    }

    public List<RedisServer> masters() {
        return masters;
    }

    /** A Redisson configuration file in {@code directory} that leads here. */
    public Path config(Path directory) {
        return write(directory.resolve("cluster.yaml"), """
                clusterServersConfig:
                  nodeAddresses: [%s]
                  masterConnectionMinimumIdleSize: 2
                  masterConnectionPoolSize: 4
                  readMode: MASTER
                  checkSlotsCoverage: false
                threads: 2
                nettyThreads: 2
                """.formatted(
                        masters.stream().map(master -> '"' + master.uri() + '"').collect(Collectors.joining(", "))));
    }

    static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        masters.forEach(RedisServer::close);
    }
}
