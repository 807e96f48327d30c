package dev.weir.redisson;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A master with one replica, watched by three sentinels: processes of a test's own. */
public final class RedisSentinels implements AutoCloseable {

    private static final String MASTER_NAME = "weir";
    private static final int SENTINELS = 3;
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);

    private final RedisServer master;
    private final RedisServer replica;
    private final List<RedisServer> sentinels;

    private RedisSentinels(RedisServer master, RedisServer replica, List<RedisServer> sentinels) {
        this.master = master;
        this.replica = replica;
        this.sentinels = sentinels;
    }

    /** Starts it and waits until the replica has synchronised and the sentinels know each other. */
    public static RedisSentinels start() {
        RedisServer master = RedisServer.start("--repl-diskless-sync-delay", "0");
        RedisServer replica =
                RedisServer.start("--replicaof", "127.0.0.1 " + master.port(), "--repl-diskless-sync-delay", "0");
        await(() -> ((String) replica.send("INFO", "replication")).contains("master_link_status:up"));
        List<RedisServer> sentinels = Stream.generate(
                        () -> RedisServer.startSentinel("""
                        sentinel monitor %1$s 127.0.0.1 %2$d 2
                        sentinel down-after-milliseconds %1$s 500
                        sentinel failover-timeout %1$s 5000
                        """.formatted(MASTER_NAME, master.port())))
                .limit(SENTINELS)
                .toList();
        await(() -> sentinels.stream().allMatch(RedisSentinels::isComplete));
        return new RedisSentinels(master, replica, sentinels);
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(START).pollInterval(POLL).until(condition);
    }

    private static boolean isComplete(RedisServer sentinel) {
        String info = (String) sentinel.send("INFO", "sentinel");
        return info.contains("status=ok") && info.contains("slaves=1") && info.contains("sentinels=" + SENTINELS);
    }

    public RedisServer master() {
        return master;
    }

    public RedisServer replica() {
        return replica;
    }

    /** Waits until the replica is the master and takes writes, and every sentinel names it: clients ask one of them. */
    public void awaitFailOver() {
        Awaitility.await()
                .atMost(START)
                .pollInterval(POLL)
                .ignoreException(UncheckedIOException.class) // A sentinel that promotes it cuts its connections.
                .until(() -> ((String) replica.send("INFO", "replication")).contains("role:master")
                        && sentinels.stream().allMatch(this::namesTheReplica));
    }

    private boolean namesTheReplica(RedisServer sentinel) {
        List<?> address = (List<?>) sentinel.send("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME);
        return address.get(1).toString().equals(Integer.toString(replica.port()));
    }

    /** A Redisson configuration file in {@code directory} that leads here. */
    public Path config(Path directory) {
        return RedisCluster.write(directory.resolve("sentinel.yaml"), """
                sentinelServersConfig:
                  masterName: %s
                  checkSentinelsList: false
                  sentinelAddresses: [%s]
                  masterConnectionMinimumIdleSize: 2
                  masterConnectionPoolSize: 4
                  readMode: MASTER
                threads: 2
                nettyThreads: 2
                """.formatted(
                MASTER_NAME,
                sentinels.stream().map(sentinel -> '"' + sentinel.uri() + '"').collect(Collectors.joining(", "))));
    }

    @Override
    public void close() {
        sentinels.forEach(RedisServer::close);
        replica.close();
        master.close();
    }
}
