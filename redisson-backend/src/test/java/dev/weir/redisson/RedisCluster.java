package dev.weir.redisson;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A cluster of three masters, each with a replica or none: processes of a test's own. */
public final class RedisCluster implements AutoCloseable {

    /** After so long without an answer, nodes take another for failed, and a node that is alone serves no more. */
    public static final Duration NODE_TIMEOUT = Duration.ofSeconds(2);

    private static final String HOST = "127.0.0.1";
    private static final int MASTERS = 3;
    private static final int SLOTS = 16_384;
    private static final Duration START = Duration.ofSeconds(20);

    /** Where other nodes and clients reach a node: its ports for clients and for nodes. */
    public record Entrance(int port, int busPort) {

        /** Its own. */
        static Entrance of(RedisServer node) {
            return new Entrance(node.port(), node.busPort());
        }
    }

    private final List<RedisServer> masters;
    private final List<RedisServer> replicas;
    private final Function<RedisServer, Entrance> entrances;

    private RedisCluster(
            List<RedisServer> masters, List<RedisServer> replicas, Function<RedisServer, Entrance> entrances) {
        this.masters = masters;
        this.replicas = replicas;
        this.entrances = entrances;
    }

    /** Starts it and waits until every node serves. */
    public static RedisCluster start() {
        return start(Entrance::of);
    }

    private static RedisCluster start(Function<RedisServer, Entrance> entrances) {
        List<RedisServer> masters = startNodes(entrances);
        for (int i = 0; i < MASTERS; i++) {
            RedisServer master = masters.get(i);
            IntStream slots = IntStream.range(SLOTS * i / MASTERS, SLOTS * (i + 1) / MASTERS);
            master.send(Stream.concat(Stream.of("CLUSTER", "ADDSLOTS"), slots.mapToObj(Integer::toString))
                    .toArray(String[]::new));
            master.send("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            meet(master, entrances.apply(masters.get(0)));
        }
        await(() -> masters.stream().allMatch(RedisCluster::isComplete));
        return new RedisCluster(masters, List.of(), entrances);
    }

    /** Starts it with a replica for each master, and waits until they have synchronised. */
    public static RedisCluster startWithReplicas() {
        return startWithReplicas(Entrance::of);
    }

    /** The same, where each node is reached through an entrance. It is asked for often, and always the same. */
    public static RedisCluster startWithReplicas(Function<RedisServer, Entrance> entrances) {
        List<RedisServer> masters = start(entrances).masters();
        List<RedisServer> replicas = startNodes(entrances);
        replicas.forEach(replica -> meet(replica, entrances.apply(masters.get(0))));
        for (int i = 0; i < MASTERS; i++) {
            RedisServer replica = replicas.get(i);
            String id = (String) masters.get(i).send("CLUSTER", "MYID");
            await(() -> isReplica(replica, id));
        }
        await(() -> replicas.stream()
                .allMatch(replica -> isComplete(replica)
                        && ((String) replica.send("INFO", "replication")).contains("master_link_status:up")));
        // A master that does not know its replica yet would not let it take over.
        await(() -> masters.stream()
                .allMatch(master -> ((String) master.send("CLUSTER", "NODES"))
                                .lines()
                                .filter(line -> line.contains("slave") && line.contains(" connected"))
                                .count()
                        == MASTERS));
        return new RedisCluster(masters, replicas, entrances);
    }

    private static List<RedisServer> startNodes(Function<RedisServer, Entrance> entrances) {
        List<RedisServer> nodes = Stream.generate(() -> RedisServer.start(
                        "--cluster-enabled",
                        "yes",
                        "--cluster-node-timeout",
                        Long.toString(NODE_TIMEOUT.toMillis()),
                        "--cluster-require-full-coverage",
                        "no",
                        "--repl-diskless-sync-delay",
                        "0"))
                .limit(MASTERS)
                .toList();
        nodes.forEach(node -> announce(node, entrances.apply(node)));
        return nodes;
    }

    private static void announce(RedisServer node, Entrance entrance) {
        node.send("CONFIG", "SET", "cluster-announce-ip", HOST);
        node.send("CONFIG", "SET", "cluster-announce-port", Integer.toString(entrance.port()));
        node.send("CONFIG", "SET", "cluster-announce-bus-port", Integer.toString(entrance.busPort()));
    }

    private static void meet(RedisServer node, Entrance other) {
        node.send("CLUSTER", "MEET", HOST, Integer.toString(other.port()), Integer.toString(other.busPort()));
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(START).pollInterval(Duration.ofMillis(20)).until(condition);
    }

    /** Makes it one; refused until it knows its master. */
    private static boolean isReplica(RedisServer node, String masterId) {
        try {
            node.send("CLUSTER", "REPLICATE", masterId);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static boolean isComplete(RedisServer master) {
        String info = (String) master.send("CLUSTER", "INFO");
        return info.contains("cluster_state:ok") && info.contains("cluster_size:" + MASTERS);
    }

    public List<RedisServer> masters() {
        return masters;
    }

    /** In the order of their masters. */
    public List<RedisServer> replicas() {
        return replicas;
    }

    /** Which of the masters had a key when the cluster started. */
    public int masterOf(String key) {
        long slot = (Long) masters.stream()
                .filter(RedisServer::isAlive)
                .findFirst()
                .orElseThrow()
                .send("CLUSTER", "KEYSLOT", key);
        return IntStream.range(0, MASTERS)
                .filter(i -> slot < SLOTS * (i + 1L) / MASTERS)
                .findFirst()
                .orElseThrow();
    }

    /** Moves all slots of one master that have keys to another, with the keys, one slot after the other. */
    public void moveSlots(int from, int to) {
        for (int i = SLOTS * from / MASTERS; i < SLOTS * (from + 1) / MASTERS; i++) {
            String slot = Integer.toString(i);
            if ((Long) masters.get(from).send("CLUSTER", "COUNTKEYSINSLOT", slot) > 0) {
                Move move = new Move(slot, from, to);
                move.begin();
                move.end();
            }
        }
    }

    /** The move of a key's slot to another master, which has not begun. */
    Move move(String key, int to) {
        return new Move(String.valueOf(masters.get(0).send("CLUSTER", "KEYSLOT", key)), masterOf(key), to);
    }

    /** How a slot moves. In between, no script decides in it that has a key that is not there. */
    final class Move {

        private final String slot;
        private final RedisServer source;
        private final RedisServer target;
        private final String targetId;

        private Move(String slot, int from, int to) {
            this.slot = slot;
            source = masters.get(from);
            target = masters.get(to);
            targetId = (String) target.send("CLUSTER", "MYID");
        }

        void begin() {
            target.send("CLUSTER", "SETSLOT", slot, "IMPORTING", (String) source.send("CLUSTER", "MYID"));
            source.send("CLUSTER", "SETSLOT", slot, "MIGRATING", targetId);
        }

        void end() {
            moveKeys(source, target, slot);
            target.send("CLUSTER", "SETSLOT", slot, "NODE", targetId);
            masters.forEach(master -> master.send("CLUSTER", "SETSLOT", slot, "NODE", targetId));
        }
    }

    private static void moveKeys(RedisServer source, RedisServer target, String slot) {
        List<?> keys = keysIn(source, slot);
        while (!keys.isEmpty()) {
            Stream<String> migrate =
                    Stream.of("MIGRATE", "127.0.0.1", Integer.toString(target.port()), "", "0", "5000", "KEYS");
            source.send(Stream.concat(migrate, keys.stream().map(String.class::cast))
                    .toArray(String[]::new));
            keys = keysIn(source, slot);
        }
    }

    private static List<?> keysIn(RedisServer master, String slot) {
        return (List<?>) master.send("CLUSTER", "GETKEYSINSLOT", slot, "100");
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
                """.formatted(masters.stream()
                .map(master -> "\"redis://%s:%d\""
                        .formatted(HOST, entrances.apply(master).port()))
                .collect(Collectors.joining(", "))));
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
        replicas.forEach(RedisServer::close);
        masters.forEach(RedisServer::close);
    }
}
