package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redisson.RedisCluster;
import dev.weir.redisson.RedisServer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A master of a cluster dies or hangs, and its replica takes over. Clients of the other masters are not to notice. */
final class ClusterFailOver {

    private static final int LOST = 0;
    private static final Duration TAKE_OVER = Duration.ofSeconds(30);
    private static final Pattern LIGHT = Pattern.compile("light-(\\d+)");

    /** What a request may take longer meanwhile, half of them. */
    private static final long SLOWER_NANOS = 5_000_000;

    private ClusterFailOver() {}

    static void kill(Scene scene, RedisCluster cluster) throws InterruptedException {
        lose(scene, cluster, RedisServer::kill);
    }

    /** Its connections stay open. It goes on as a replica of what was its own. */
    static void hang(Scene scene, RedisCluster cluster) throws InterruptedException {
        try {
            lose(scene, cluster, RedisServer::pause);
        } finally {
            cluster.masters().get(LOST).resume();
        }
    }

    private static void lose(Scene scene, RedisCluster cluster, Consumer<RedisServer> how) throws InterruptedException {
        long beforeNanos = System.nanoTime();
        Set<Integer> elsewhere = lightClientsOfOthers(cluster);
        long lostNanos = System.nanoTime();
        how.accept(cluster.masters().get(LOST));
        RedisServer replica = cluster.replicas().get(LOST);
        await().atMost(TAKE_OVER)
                .ignoreExceptions()
                .until(() -> replica.send("INFO", "replication").toString().contains("role:master"));
        long overNanos = System.nanoTime();

        long before = median(scene.answers(), elsewhere, beforeNanos, lostNanos);
        long meanwhile = median(scene.answers(), elsewhere, lostNanos, overNanos);
        System.out.printf(
                "clients of other masters: half of their requests took at most %.1f ms before, and %.1f in the %.1f s"
                        + " until the replica took over%n",
                before / 1e6, meanwhile / 1e6, (overNanos - lostNanos) / 1e9);
        assertThat(meanwhile).as("nanoseconds, clients of other masters").isLessThan(before + SLOWER_NANOS);
    }

    /** Looks for a while: a client with its whole limit has no key. */
    private static Set<Integer> lightClientsOfOthers(RedisCluster cluster) throws InterruptedException {
        Set<Integer> clients = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            for (RedisServer master : cluster.masters()) {
                Matcher keys = LIGHT.matcher(master.send("KEYS", "*light-*").toString());
                while (master != cluster.masters().get(LOST) && keys.find()) {
                    clients.add(Integer.parseInt(keys.group(1)));
                }
            }
            Scene.pause(0.02);
        }
        assertThat(clients).isNotEmpty();
        return clients;
    }

    private static long median(List<Answer> answers, Set<Integer> clients, long fromNanos, long toNanos) {
        long[] sorted = answers.stream()
                .filter(each -> each.traffic() == Traffic.LIGHT && clients.contains(each.client()))
                .filter(each -> each.sentNanos() >= fromNanos && each.sentNanos() < toNanos)
                .mapToLong(Answer::nanos)
                .sorted()
                .toArray();
        return sorted[sorted.length / 2];
    }
}
