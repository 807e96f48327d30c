package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.Subject;
import io.netty.channel.Channel;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.DefaultNettyHook;
import org.redisson.client.NettyHook;
import org.redisson.config.Config;

/** Faults really made on real servers; each test counts what was charged. */
@Timeout(60)
class RedissonStoreFaultTest {

    private static final Limit YEARLY = Limit.fixedWindow(1_000, Duration.ofDays(366));
    private static final Duration BACK = Duration.ofSeconds(5);

    private final LogLines log = new LogLines();
    private RedisServer redis;
    private RedissonStore store;

    private void openOnOneServer() {
        redis = RedisServer.start();
        store = Opened.store(Map.of("weir.redisson.uri", redis.uri()));
    }

    private void open(Map<String, String> settings) {
        store = new RedissonStoreProvider().open(settings);
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
        if (redis != null) {
            redis.close();
        }
        log.close();
    }

    private CompletableFuture<List<Decision>> ask(String client) {
        return Asked.of(store, client, new Charge("search", YEARLY, 1));
    }

    private long remainingAfterOne(String client) {
        return ask(client).orTimeout(10, TimeUnit.SECONDS).join().get(0).remaining();
    }

    private static Kind kindOf(CompletableFuture<?> answer) {
        try {
            answer.orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(StoreException.class);
            return ((StoreException) e.getCause()).kind();
        }
        return null;
    }

    private boolean decides(String client) {
        return kindOf(ask(client)) == null;
    }

    @Test
    void tryAcquire_scriptsFlushed_decidesAndChargesOnce() {
        openOnOneServer();
        assertThat(remainingAfterOne("alice")).isEqualTo(999);

        redis.send("SCRIPT", "FLUSH");
        redis.send("FUNCTION", "FLUSH");

        assertThat(remainingAfterOne("alice")).isEqualTo(998);
        assertThat(remainingAfterOne("alice")).isEqualTo(997);
        assertThat(store.heartbeat("a").join()).isEqualTo(1);
    }

    @Test
    void tryAcquire_scriptsFlushedUnderManyCalls_eachChargedOnce() {
        openOnOneServer();
        List<CompletableFuture<List<Decision>>> answers = IntStream.range(0, 500)
                .mapToObj(i -> {
                    if (i % 50 == 0) {
                        redis.send("SCRIPT", "FLUSH");
                        redis.send("FUNCTION", "FLUSH");
                    }
                    return ask("alice");
                })
                .toList();

        assertThat(answers).allMatch(answer -> kindOf(answer) == null);
        assertThat(remainingAfterOne("alice")).isEqualTo(499);
    }

    @Test
    void tryAcquire_everythingFlushed_wholeLimitAndShardsAgreedAgain() {
        openOnOneServer();
        remainingAfterOne("alice");

        redis.send("FLUSHALL");

        assertThat(remainingAfterOne("alice")).isEqualTo(999);
        assertThat(store.heartbeat("a").join()).isEqualTo(1);
        assertThat(redis.send("GET", RedisKeys.SHARDS)).isEqualTo("64");
    }

    @Test
    void tryAcquire_killed_unreachableAtOnceAndBackSoonAfterRestart() {
        openOnOneServer();
        remainingAfterOne("alice");

        redis.kill();

        await().atMost(BACK).until(() -> kindOf(ask("alice")) == Kind.UNREACHABLE);
        for (int i = 0; i < 20; i++) {
            CompletableFuture<List<Decision>> answer = ask("alice");
            assertThat(answer).failsWithin(Duration.ofMillis(900));
            assertThat(kindOf(answer)).isEqualTo(Kind.UNREACHABLE);
        }
        assertThat(kindOf(store.heartbeat("a"))).isEqualTo(Kind.UNREACHABLE);
        redis.restart();
        await().atMost(BACK).until(() -> decides("bob"));
        assertThat(remainingAfterOne("alice")).isEqualTo(999);
    }

    @Test
    void tryAcquire_stoppedLongerThanTheTimeout_timesOutAndIsChargedOnce() {
        openOnOneServer();
        remainingAfterOne("alice");

        redis.pause();
        CompletableFuture<List<Decision>> late = ask("alice");
        assertThat(late).isNotDone();
        assertThat(kindOf(late)).isEqualTo(Kind.TIMEOUT);
        redis.resume();

        await().atMost(BACK).until(() -> decides("bob"));
        assertThat(remainingAfterOne("alice")).isEqualTo(997);
    }

    @Test
    void tryAcquire_pausedLongerThanTheTimeout_noCallChargedTwice() {
        openOnOneServer();
        remainingAfterOne("alice");
        long pauseMillis = ScriptRunner.PATIENCE.toMillis() + 1_500;

        redis.send("CLIENT", "PAUSE", Long.toString(pauseMillis), "WRITE");
        List<CompletableFuture<List<Decision>>> late =
                Stream.generate(() -> ask("alice")).limit(10).toList();

        assertThat(late).allMatch(answer -> kindOf(answer) == Kind.TIMEOUT);
        await().atMost(BACK.plusMillis(pauseMillis)).until(() -> decides("bob"));
        // Redis drops what it has not run when the connection is given up meanwhile: then none is charged.
        assertThat(remainingAfterOne("alice")).isBetween(988L, 998L);
    }

    /** The application's own client may retry as often as it likes: not what the store sends. */
    @Test
    void tryAcquire_pausedOnClientThatRetries_chargedOnce() {
        redis = RedisServer.start();
        Config config = new Config();
        config.useSingleServer()
                .setAddress(redis.uri())
                .setTimeout(200)
                .setRetryAttempts(5)
                .setConnectionMinimumIdleSize(2);
        RedissonClient existing = Redisson.create(config);
        try {
            store = RedissonStore.using(existing);
            remainingAfterOne("alice");

            redis.send("CLIENT", "PAUSE", "2500", "WRITE");

            assertThat(kindOf(ask("alice"))).isEqualTo(Kind.TIMEOUT);
            await().atMost(BACK.plusSeconds(3)).until(() -> decides("bob"));
            assertThat(remainingAfterOne("alice")).isEqualTo(997);
        } finally {
            existing.shutdown();
        }
    }

    /** Two such errors once ended all decisions for good. */
    @Test
    void anyCall_errorsOfTheVirtualMachine_failAndTheNextIsDecided() {
        redis = RedisServer.start();
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri()).setConnectionMinimumIdleSize(2);
        RedissonClient real = Redisson.create(config);
        AtomicBoolean isOutOfMemory = new AtomicBoolean();
        RedissonClient client = (RedissonClient) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RedissonClient.class}, (proxy, method, arguments) -> {
                    if (isOutOfMemory.get()) {
                        throw new AssertionError("an array of " + new byte[Integer.MAX_VALUE].length + " bytes");
                    }
                    return method.invoke(real, arguments);
                });
        try {
            store = RedissonStore.using(client);
            assertThat(remainingAfterOne("alice")).isEqualTo(999);
            isOutOfMemory.set(true);
            for (int i = 0; i < 5; i++) {
                assertThat(kindOf(ask("alice"))).isEqualTo(Kind.ERROR);
                assertThat(kindOf(store.heartbeat("a"))).isEqualTo(Kind.ERROR);
                assertThat(kindOf(store.overrides(Subject.client("alice")))).isEqualTo(Kind.ERROR);
            }
            isOutOfMemory.set(false);

            assertThat(remainingAfterOne("alice")).isEqualTo(998);
        } finally {
            real.shutdown();
        }
    }

    @Test
    void open_errorsWhileConnecting_connectsInTheEnd() {
        redis = RedisServer.start();
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri()).setConnectionMinimumIdleSize(2);
        AtomicInteger attempts = new AtomicInteger();
        store = RedissonStore.open(
                () -> {
                    if (attempts.incrementAndGet() <= 2) {
                        throw new AssertionError("an array of " + new byte[Integer.MAX_VALUE].length + " bytes");
                    }
                    return Redisson.create(config);
                },
                true,
                new RedisKeys(64),
                redis.uri());

        await().atMost(BACK).until(() -> decides("alice"));
    }

    @Test
    void tryAcquire_cancelledWhileAllConnectionsHang_otherCallsUnaffected() {
        openOnOneServer();
        redis.pause();
        List<CompletableFuture<List<Decision>>> given =
                Stream.generate(() -> ask("alice")).limit(50).toList();
        given.forEach(answer -> answer.cancel(true));
        redis.resume();

        await().atMost(BACK).until(() -> decides("bob"));
        assertThat(remainingAfterOne("alice")).isBetween(949L, 999L);
    }

    /**
     * By default, Redisson gives up a node three minutes after its first failure, and looks for it every three seconds
     * from then on. That an instance returns at once after a longer outage is a fault that is made; here is why.
     */
    @Test
    void open_noNodeIsEverGivenUp_andTheHookOfTheConfigurationIsCalled() {
        redis = RedisServer.start();
        List<Channel> hooked = new CopyOnWriteArrayList<>();
        Config config = new Config().setNettyHook(new DefaultNettyHook() {
            @Override
            public void afterChannelInitialization(Channel channel) {
                hooked.add(channel);
            }
        });
        config.useSingleServer().setAddress(redis.uri());
        NettyHook hook = RedissonSettings.reconnecting(config).getNettyHook();
        assertThat(RedissonSettings.reconnecting(config).getNettyHook())
                .as("of a configuration that is used again")
                .isSameAs(hook);
        Redisson client = (Redisson) Redisson.create(config);
        store = RedissonStore.open(() -> client, true, new RedisKeys(64), "redis");

        remainingAfterOne("alice");

        assertThat(hooked).isNotEmpty();
        assertThat(client.getCommandExecutor().getConnectionManager().getEntrySet())
                .isNotEmpty()
                .allSatisfy(node -> assertThat(node.getClient().getConfig().getFailedNodeDetector())
                        .isSameAs(AlwaysTried.NEVER));
    }

    @Test
    void open_redisAway_returnsSoonAndConnectsWhenItComes() {
        redis = RedisServer.notStarted();

        long beforeNanos = System.nanoTime();
        open(Map.of("weir.redisson.uri", redis.uri()));
        assertThat(Duration.ofNanos(System.nanoTime() - beforeNanos)).isLessThan(Duration.ofSeconds(3));

        for (int i = 0; i < 3; i++) {
            CompletableFuture<List<Decision>> answer = ask("alice");
            assertThat(answer).isCompletedExceptionally();
            assertThat(kindOf(answer)).isEqualTo(Kind.UNREACHABLE);
            assertThatThrownBy(answer::join).cause().hasMessageContaining(redis.uri() + " yet (Connection refused");
        }
        assertThat(kindOf(store.heartbeat("a"))).isEqualTo(Kind.UNREACHABLE);
        redis.restart();
        await().atMost(BACK).until(() -> decides("alice"));
        assertThat(remainingAfterOne("alice")).isEqualTo(998);
        assertThat(log.atLeastWarnings()).isEmpty();
    }

    @Test
    void open_libraryMissing_refusedNamingIt() {
        assertThatThrownBy(() -> RedissonStore.open(
                        () -> {
                            throw new NoClassDefFoundError("org/yaml/snakeyaml/Yaml");
                        },
                        true,
                        new RedisKeys(64),
                        "redis"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a library is missing")
                .hasMessageContaining("org/yaml/snakeyaml/Yaml");
    }

    @Test
    void open_redisAwayAndCountsOtherwise_saidLoudlyAndCallsFailNamingBoth() {
        redis = RedisServer.notStarted();
        open(Map.of("weir.redisson.uri", redis.uri()));
        RedisServer other = redis;
        other.restart();
        other.send("SET", RedisKeys.SHARDS, "16");

        await().atMost(BACK).until(() -> kindOf(ask("alice")) == Kind.ERROR);
        assertThatThrownBy(() -> ask("alice").join())
                .cause()
                .hasMessageContaining("weir.redis.shards is 64")
                .hasMessageContaining("with 16");
        await().atMost(BACK)
                .untilAsserted(() ->
                        assertThat(log.atLeastWarnings()).last().asString().startsWith("SEVERE"));
    }

    @Test
    void open_wrongPassword_unreachableAndSaidWithoutIt() {
        redis = RedisServer.start("--requirepass", "right");
        open(Map.of("weir.redisson.uri", redis.uri().replace("//", "//:wrong@")));

        assertThat(kindOf(ask("alice"))).isEqualTo(Kind.UNREACHABLE);
        assertThatThrownBy(() -> ask("alice").join())
                .cause()
                .hasMessageContaining("WRONGPASS")
                .hasMessageNotContaining("wrong@");
        assertThat(log.all()).singleElement().asString().contains("WRONGPASS").doesNotContain("wrong@");
    }

    @Test
    void open_rightPasswordAndDatabase_usesThem() throws Exception {
        redis = RedisServer.start("--requirepass", "r%ght:+");
        store = Opened.store(Map.of("weir.redisson.uri", redis.uri().replace("//", "//default:r%25ght:+@") + "/3"));

        assertThat(remainingAfterOne("alice")).isEqualTo(999);
        assertThatThrownBy(() -> redis.send("GET", "x")).hasMessageContaining("NOAUTH");
        try (RespClient client = new RespClient("127.0.0.1", redis.port())) {
            client.send("AUTH", "r%ght:+");
            assertThat((String) client.send("INFO", "keyspace"))
                    .contains("db3:")
                    .doesNotContain("db0:");
        }
    }

    @Test
    void tryAcquire_clusterMasterKilled_othersDecideAndItComesBack(@TempDir Path directory) {
        try (RedisCluster cluster = RedisCluster.start()) {
            store = Opened.store(
                    Map.of("weir.redisson.config", cluster.config(directory).toString()));
            List<String> clients =
                    IntStream.range(0, 200).mapToObj(i -> "client-" + i).toList();
            clients.forEach(client -> assertThat(remainingAfterOne(client)).isEqualTo(999));
            List<Long> keysPerMaster = cluster.masters().stream()
                    .map(master -> (Long) master.send("DBSIZE"))
                    .toList();
            assertThat(keysPerMaster).allMatch(count -> count >= 40);
            int killed = keysPerMaster.indexOf(
                    keysPerMaster.stream().max(Long::compare).orElseThrow());

            cluster.masters().get(killed).kill();

            await().atMost(BACK)
                    .until(() -> clients.stream().filter(this::decides).count() < 200);
            List<String> served = clients.stream().filter(this::decides).toList();
            assertThat(served).hasSizeBetween(40, 160);
            cluster.masters().get(killed).restart();
            await().atMost(Duration.ofSeconds(10)).until(() -> clients.stream().allMatch(this::decides));
            store.close();
        }
    }

    @Test
    void tryAcquire_sentinelsFailOver_usageKeptAndDecidesAgain(@TempDir Path directory) {
        try (RedisSentinels sentinels = RedisSentinels.start()) {
            store = Opened.store(
                    Map.of("weir.redisson.config", sentinels.config(directory).toString()));
            for (int i = 0; i < 5; i++) {
                remainingAfterOne("alice");
            }
            await().until(() ->
                    sentinels.replica().send("DBSIZE").equals(sentinels.master().send("DBSIZE")));
            await().until(() -> sentinels
                    .replica()
                    .send("GET", usage())
                    .equals(sentinels.master().send("GET", usage())));

            sentinels.master().kill();
            sentinels.awaitFailOver();

            await().atMost(Duration.ofSeconds(10)).until(() -> decides("bob"));
            assertThat(remainingAfterOne("alice")).isEqualTo(994);
            store.close();
        }
    }

    /** The clocks of two nodes differ; the replica that takes over decides by its own. */
    @Test
    void tryAcquire_clockAnHourBehindOrAheadAfterFailOver_nobodyWaitsLongerThanThePeriod(@TempDir Path directory) {
        Limit tenPerSecond = Limit.tokenBucket(10, Duration.ofSeconds(1));
        long second = 1_000_000;
        long now = 1_700_000_000 * second;
        long hour = 3_600 * second;
        try (RedisSentinels sentinels = RedisSentinels.start()) {
            store = Opened.store(
                    Map.of("weir.redisson.config", sentinels.config(directory).toString()));
            for (String client : List.of("behind", "ahead")) {
                assertThat(permittedAt(now, client, tenPerSecond)).isEqualTo(10);
            }
            await().until(() -> Stream.of("behind", "ahead")
                    .map(client -> new RedisKeys(RedissonSettings.DEFAULT_SHARDS).usage(client, "search"))
                    .allMatch(key -> sentinels.replica().send("GET", key) != null
                            && sentinels
                                    .replica()
                                    .send("GET", key)
                                    .equals(sentinels.master().send("GET", key))));

            sentinels.master().kill();
            sentinels.awaitFailOver();
            await().atMost(Duration.ofSeconds(10)).until(() -> decides("bob"));

            assertThat(permittedAt(now - hour, "behind", tenPerSecond)).isZero();
            assertThat(permittedAt(now - hour + second, "behind", tenPerSecond)).isEqualTo(10);
            assertThat(permittedAt(now + hour, "ahead", tenPerSecond)).isEqualTo(10);
            assertThat(permittedAt(now, "ahead", tenPerSecond))
                    .as("put right again: used is used")
                    .isZero();
            assertThat(permittedAt(now + second, "ahead", tenPerSecond)).isEqualTo(10);
            store.close();
        }
    }

    private long permittedAt(long nowMicros, String client, Limit limit) {
        return IntStream.range(0, 20)
                .filter(i -> Asked.at(nowMicros, store, client, new Charge("search", limit, 1))
                        .join()
                        .get(0)
                        .permitted())
                .count();
    }

    private static String usage() {
        return new RedisKeys(RedissonSettings.DEFAULT_SHARDS).usage("alice", "search");
    }
}
