package dev.weir.faults;

import dev.weir.redisson.RedisCluster;
import dev.weir.redisson.RedisSentinels;
import dev.weir.redisson.RedisServer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What instances share.
 *
 * @param start starts it
 * @param settings those that lead to it, with more that a fault needs; a file of Redisson's goes into the directory
 * @param isThere whether it answers from the start
 */
record Arrangement<R extends AutoCloseable>(
        Supplier<R> start, BiFunction<R, Path, List<String>> settings, boolean isThere) {

    static final String USER = "shop";
    static final String PASSWORD = "the-first-password";

    /** One server, which keeps nothing. */
    static final Arrangement<RedisServer> ONE = one(RedisServer::start);

    /** One server, which writes down what it does. */
    static final Arrangement<RedisServer> KEEPING =
            one(() -> RedisServer.start("--appendonly", "yes", "--appendfsync", "everysec"));

    /** The same, with room for 20 MB. */
    static final Arrangement<RedisServer> SMALL_DISK =
            one(() -> RedisServer.startWithFilesOf(20, "--appendonly", "yes", "--appendfsync", "everysec"));

    static final Arrangement<ProxiedRedis> PROXIED = new Arrangement<>(
            ProxiedRedis::start,
            (redis, directory) -> List.of(
                    "weir.redisson.uri = redis://127.0.0.1:" + redis.network().port()),
            true);

    /** The same, but only an instance that is led there goes through the network. */
    static final Arrangement<ProxiedRedis> BESIDE_A_NETWORK = new Arrangement<>(
            ProxiedRedis::start,
            (redis, directory) ->
                    List.of("weir.redisson.uri = " + redis.server().uri()),
            true);

    /** One server with a user of the applications' own. */
    static final Arrangement<RedisServer> WITH_USER = new Arrangement<>(
            Arrangement::startWithUser,
            (redis, directory) ->
                    List.of("weir.redisson.uri = redis://%s:%s@127.0.0.1:%d".formatted(USER, PASSWORD, redis.port())),
            true);

    static final Arrangement<RedisSentinels> SENTINELS =
            new Arrangement<>(RedisSentinels::start, (redis, directory) -> file(redis.config(directory)), true);

    static final Arrangement<RedisCluster> CLUSTER = new Arrangement<>(
            RedisCluster::startWithReplicas, (redis, directory) -> file(redis.config(directory)), true);

    static final Arrangement<DivisibleCluster> DIVISIBLE = new Arrangement<>(
            DivisibleCluster::start, (redis, directory) -> file(redis.cluster().config(directory)), true);

    /** One server, with this for a start. */
    static Arrangement<RedisServer> one(Supplier<RedisServer> start) {
        return new Arrangement<>(start, (redis, directory) -> List.of("weir.redisson.uri = " + redis.uri()), true);
    }

    private static RedisServer startWithUser() {
        RedisServer redis = RedisServer.start();
        redis.send("ACL", "SETUSER", USER, "on", ">" + PASSWORD, "~*", "&*", "+@all");
        return redis;
    }

    private static List<String> file(Path file) {
        return List.of("weir.redisson.config = " + file);
    }

    /** The same, with another setting. */
    Arrangement<R> with(String setting) {
        return new Arrangement<>(
                start,
                (redis, directory) -> Stream.concat(settings.apply(redis, directory).stream(), Stream.of(setting))
                        .toList(),
                isThere);
    }

    /** The same, with something done to it before any instance starts. */
    Arrangement<R> onceStarted(Consumer<R> action) {
        return new Arrangement<>(
                () -> {
                    R started = start.get();
                    action.accept(started);
                    return started;
                },
                settings,
                isThere);
    }

    Arrangement<R> notThere() {
        return new Arrangement<>(start, settings, false);
    }
}
