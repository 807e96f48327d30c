package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redisson.RedisCluster;
import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A master of a cluster is cut off from all other nodes, its replica among them, but not from the instances. It cannot
 * know that it is replaced, and what it permits reaches no other node. It stops by itself: a node pings another one that
 * has sent nothing for half of the timeout, and waits for the answer for the whole timeout.
 */
final class ClusterPartition {

    private static final int ALONE = 0;
    private static final Pattern CALLS = Pattern.compile("cmdstat_fcall:calls=(\\d+)");
    private static final Duration TAKE_OVER = Duration.ofSeconds(30);

    /** How long it may serve alone; nodes look at their links ten times a second, and the rest is a busy machine. */
    private static final Duration ALONE_AT_MOST =
            RedisCluster.NODE_TIMEOUT.multipliedBy(3).dividedBy(2).plusSeconds(1);

    private ClusterPartition() {}

    static void make(Scene scene, DivisibleCluster redis) throws IOException, InterruptedException {
        RedisServer master = redis.cluster().masters().get(ALONE);
        RedisServer replica = redis.cluster().replicas().get(ALONE);
        long callsBefore = calls(master);
        long cutNanos = System.nanoTime();
        redis.cutOff(master);
        await().atMost(TAKE_OVER).pollInterval(Duration.ofMillis(10)).until(() -> !serves(master));
        long stoppedNanos = System.nanoTime();
        long callsAlone = calls(master) - callsBefore;
        await().atMost(TAKE_OVER).until(() -> isMaster(replica));
        long replacedNanos = System.nanoTime();
        assertThat(isMaster(master)).as("it knows that it is replaced").isTrue();
        Scene.pause(3);
        redis.join();
        await().atMost(TAKE_OVER).until(() -> !isMaster(master));
        System.out.printf(
                "a master that is cut off served %d calls in %.2f s more; its replica took over after %.2f s%n",
                callsAlone, (stoppedNanos - cutNanos) / 1e9, (replacedNanos - cutNanos) / 1e9);
        assertThat(callsAlone).as("calls that it served alone").isPositive();
        assertThat(Duration.ofNanos(stoppedNanos - cutNanos))
                .as("how long it served alone")
                .isLessThan(ALONE_AT_MOST);
    }

    /** Of functions, which all that is decided is. */
    private static long calls(RedisServer node) {
        Matcher calls = CALLS.matcher(node.send("INFO", "commandstats").toString());
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }

    private static boolean serves(RedisServer node) {
        return node.send("CLUSTER", "INFO").toString().contains("cluster_state:ok");
    }

    private static boolean isMaster(RedisServer node) {
        return node.send("INFO", "replication").toString().contains("role:master");
    }
}
