package dev.weir.faults;

import static dev.weir.faults.Allowance.losses;
import static dev.weir.faults.Allowance.none;
import static dev.weir.faults.Allowance.stutter;
import static dev.weir.faults.Arrangement.BESIDE_A_NETWORK;
import static dev.weir.faults.Arrangement.CLUSTER;
import static dev.weir.faults.Arrangement.DIVISIBLE;
import static dev.weir.faults.Arrangement.KEEPING;
import static dev.weir.faults.Arrangement.ONE;
import static dev.weir.faults.Arrangement.PASSWORD;
import static dev.weir.faults.Arrangement.PROXIED;
import static dev.weir.faults.Arrangement.SENTINELS;
import static dev.weir.faults.Arrangement.SMALL_DISK;
import static dev.weir.faults.Arrangement.USER;
import static dev.weir.faults.Arrangement.WITH_USER;
import static dev.weir.faults.Arrangement.one;
import static dev.weir.faults.Fault.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** All faults, in the order of the table. */
final class Faults {

    private static final List<String> EVICTION_POLICIES = List.of(
            "allkeys-lru",
            "allkeys-lfu",
            "allkeys-random",
            "volatile-lru",
            "volatile-lfu",
            "volatile-random",
            "volatile-ttl");

    private static final List<Fault<?>> ALL = Stream.of(
                    redis(),
                    memory(),
                    network(),
                    instances(),
                    ClockFaults.all(),
                    access(),
                    ConfigurationFaults.all(),
                    failOver())
            .flatMap(List::stream)
            .toList();

    private Faults() {}

    /** @param wanted {@code ci}, {@code all}, or parts of names, separated by commas */
    static List<Fault<?>> chosen(String wanted) {
        List<Fault<?>> chosen = ALL.stream()
                .filter(fault -> switch (wanted) {
                    case "all" -> true;
                    case "ci" -> fault.isInCi();
                    default -> Stream.of(wanted.split(",")).anyMatch(part -> has(fault.name(), part.strip()));
                })
                .toList();
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException("-Dfaults=%s: no name has a part like this; there are %s"
                    .formatted(wanted, ALL.stream().map(Fault::name).toList()));
        }
        return chosen;
    }

    private static boolean has(String name, String part) {
        return name.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    private static List<Fault<?>> redis() {
        return List.of(
                of("nothing", ONE, none(), (scene, redis) -> Scene.pause(3)),
                of("kill -9 of Redis, 3 s", ONE, losses(1).stateLost(), (scene, redis) -> restart(redis))
                        .inCi(),
                of("kill -9 of Redis with AOF, 3 s", KEEPING, losses(1), (scene, redis) -> restart(redis)),
                of("SIGSTOP of Redis, 0.7 s", ONE, losses(1), (scene, redis) -> stop(redis, 0.7))
                        .inCi(),
                of("SIGSTOP of Redis, 30 s", ONE, losses(1), (scene, redis) -> stop(redis, 30)),
                // Longer than the three minutes after which Redisson gives up a node by default.
                of("SIGSTOP of Redis, 200 s", ONE, losses(1), (scene, redis) -> stop(redis, 200)),
                of("Redis stopped and not for 0.5 s each, 20 times", ONE, stutter(20), (scene, redis) -> {
                    for (int i = 0; i < 20; i++) {
                        stop(redis, 0.5);
                        Scene.pause(0.5);
                    }
                }),
                of("CLIENT PAUSE of 2 s", ONE, losses(1), (scene, redis) -> {
                    redis.send("CLIENT", "PAUSE", "2000", "ALL");
                    Scene.pause(2);
                }));
    }

    private static void restart(RedisServer redis) throws InterruptedException {
        redis.kill();
        Scene.pause(3);
        redis.restart();
    }

    static void stop(RedisServer redis, double seconds) throws InterruptedException {
        redis.pause();
        Scene.pause(seconds);
        redis.resume();
    }

    private static List<Fault<?>> memory() {
        return Stream.concat(room().stream(), EVICTION_POLICIES.stream().map(Faults::evicting))
                .toList();
    }

    private static List<Fault<?>> room() {
        return List.of(
                of("SCRIPT and FUNCTION FLUSH", ONE, none(), (scene, redis) -> {
                    redis.send("SCRIPT", "FLUSH");
                    redis.send("FUNCTION", "FLUSH");
                }),
                of("FLUSHALL", ONE, none().stateLost(), (scene, redis) -> redis.send("FLUSHALL")),
                of("no memory, noeviction, 3 s", ONE, losses(1), (scene, redis) -> {
                    redis.send("CONFIG", "SET", "maxmemory", "1");
                    Scene.pause(3);
                    redis.send("CONFIG", "SET", "maxmemory", "0");
                }),
                of("no room for the AOF, 3 s", SMALL_DISK, losses(1), (scene, redis) -> {
                    fillDisk(redis);
                    Scene.pause(3);
                    redis.send("CONFIG", "SET", "appendonly", "no");
                }));
    }

    private static void fillDisk(RedisServer redis) {
        String megabyte = "x".repeat(1 << 20);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        redis.send("SET", "filler", megabyte);
                    }
                })
                .hasMessageContaining("MISCONF");
    }

    /** Keys of another application take the room, and expire as late as any of Weir's. */
    private static Fault<RedisServer> evicting(String policy) {
        return of("no memory, " + policy, ONE, none().unbounded().lines(2), (scene, redis) -> {
            redis.send(
                    "EVAL",
                    "for i = 1, 30000 do redis.call('SET', 'x:' .. i, string.rep('x', 100), 'EX', 60) end",
                    "0");
            redis.send("CONFIG", "SET", "maxmemory-policy", policy);
            redis.send("CONFIG", "SET", "maxmemory", "4mb");
            await().atMost(Duration.ofSeconds(12))
                    .until(() -> scene.instances().stream()
                            .allMatch(each -> each.get("/health").contains("degraded")));
            redis.send("CONFIG", "SET", "maxmemory", "0");
        });
    }

    private static List<Fault<?>> network() {
        return List.of(
                of("connections are closed and refused, 3 s", PROXIED, losses(1), (scene, redis) -> {
                    redis.network().set(Proxy.Mode.CLOSE);
                    redis.network().drop();
                    Scene.pause(3);
                    redis.network().set(Proxy.Mode.PASS);
                }),
                of(
                        "connections are reset once",
                        PROXIED,
                        losses(1),
                        (scene, redis) -> redis.network().reset()),
                // Three seconds, and up to two until it is back.
                of(
                                "one of two instances loses Redis, 3 s",
                                BESIDE_A_NETWORK,
                                losses(1).alone(5),
                                (scene, redis) -> {
                                    redis.network().set(Proxy.Mode.CLOSE);
                                    redis.network().drop();
                                    Scene.pause(3);
                                    redis.network().set(Proxy.Mode.PASS);
                                })
                        .secondWith(redis -> List.of("-Dweir.redisson.uri=redis://127.0.0.1:"
                                + redis.network().port())),
                through("connections are half open, 3 s", Proxy.Mode.SWALLOW),
                through("a byte each 20 ms, 3 s", Proxy.Mode.TRICKLE),
                through("answers are 100 ms late, 3 s", Proxy.Mode.DELAY));
    }

    private static Fault<ProxiedRedis> through(String name, Proxy.Mode mode) {
        return of(name, PROXIED, losses(1), (scene, redis) -> {
            redis.network().set(mode);
            Scene.pause(3);
            redis.network().set(Proxy.Mode.PASS);
            redis.network().drop();
        });
    }

    private static List<Fault<?>> instances() {
        return List.of(
                of("kill -9 of an instance, another 3 s later", ONE, none().lines(1), (scene, redis) -> {
                    scene.instances().get(1).kill();
                    Scene.pause(3);
                    scene.join();
                }),
                of("SIGTERM of an instance, another 3 s later", ONE, none().lines(1), (scene, redis) -> {
                            int exit = scene.instances().get(1).terminate();
                            Scene.pause(3);
                            scene.join();
                            assertThat(exit).as("exit code").isZero();
                        })
                        .inCi(),
                of("all instances are replaced, one after the other", ONE, none().lines(1), Faults::replaceAll),
                of("SIGSTOP of an instance, 3 s", ONE, none().leaseOverrun(), (scene, redis) -> stopInstance(scene)),
                of(
                        "SIGSTOP of an instance, 3 s, leases exact",
                        ONE.with("weir.leases = exact"),
                        none(),
                        (scene, redis) -> stopInstance(scene)));
    }

    /** As a rolling deployment does: the next one goes when the one before it is back on its port. */
    private static void replaceAll(Scene scene, RedisServer redis) throws IOException, InterruptedException {
        for (Instance each : scene.running()) {
            assertThat(each.terminate()).as("exit code").isZero();
            scene.joinInPlaceOf(each);
            Scene.pause(3);
        }
    }

    private static void stopInstance(Scene scene) throws IOException, InterruptedException {
        scene.instances().get(1).pause();
        Scene.pause(3);
        scene.instances().get(1).resume();
    }

    private static List<Fault<?>> access() {
        return List.of(
                of(
                        "Redis is away at the start, weir.instances.min=2",
                        one(RedisServer::notStarted).notThere().with("weir.instances.min = 2"),
                        losses(1),
                        (scene, redis) -> {
                            Scene.pause(3);
                            redis.restart();
                        }),
                of(
                        "a wrong password at the start, weir.instances.min=2",
                        WITH_USER
                                .onceStarted(redis -> setPassword(redis, "another-password"))
                                .notThere()
                                .with("weir.instances.min = 2"),
                        losses(1),
                        (scene, redis) -> {
                            Scene.pause(3);
                            setPassword(redis, PASSWORD);
                        }),
                of("another password, 3 s", WITH_USER, losses(1), (scene, redis) -> {
                    setPassword(redis, "another-password");
                    redis.send("CLIENT", "KILL", "USER", USER);
                    Scene.pause(3);
                    setPassword(redis, PASSWORD);
                }),
                // Five seconds are longer than an instance waits until it asks a store again that was down.
                of("no right to the keys, 5 s", WITH_USER, losses(1), (scene, redis) -> {
                    redis.send("ACL", "SETUSER", USER, "resetkeys", "~others:*");
                    Scene.pause(5);
                    redis.send("ACL", "SETUSER", USER, "~*");
                }));
    }

    private static void setPassword(RedisServer redis, String password) {
        redis.send("ACL", "SETUSER", USER, "resetpass", ">" + password);
    }

    private static List<Fault<?>> failOver() {
        return List.of(
                of(
                        "kill -9 of the master that sentinels watch",
                        SENTINELS,
                        losses(1).stateLost(),
                        (scene, redis) -> {
                            redis.master().kill();
                            redis.awaitFailOver();
                        }),
                of(
                        "a master of a cluster is cut off from the other nodes",
                        DIVISIBLE,
                        losses(1).stateLost(),
                        ClusterPartition::make),
                of("kill -9 of a master of a cluster", CLUSTER, losses(1).stateLost(), ClusterFailOver::kill),
                of("SIGSTOP of a master of a cluster", CLUSTER, losses(1).stateLost(), ClusterFailOver::hang),
                of(
                        "the slots of a master of a cluster move",
                        CLUSTER,
                        losses(1),
                        (scene, redis) -> redis.moveSlots(0, 1)));
    }
}
