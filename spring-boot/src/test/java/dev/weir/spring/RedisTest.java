package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.Weir;
import dev.weir.redisson.RedisCluster;
import dev.weir.redisson.RedisExtension;
import dev.weir.redisson.RedisServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Limits that instances share over the application's Redis. */
class RedisTest {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static ApplicationContextRunner application(String... properties) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(RedissonConfiguration.class, LimiterConfiguration.class))
                // An answer that is late on a busy machine is no topic here.
                .withPropertyValues("weir.store-deadline=10s")
                .withPropertyValues("weir.policy.search.limit=3", "weir.policy.search.period=1h")
                .withPropertyValues(properties);
    }

    private static RedissonClient client() {
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri());
        return Redisson.create(config);
    }

    private static boolean allow(Weir weir) {
        return weir.limiter("search").allow("alice");
    }

    /** Asks two instances in turn for more than there is. */
    private static int permitted(ApplicationContextRunner application) {
        int[] permitted = new int[1];
        Consumer<Weir> ask = weir -> permitted[0] += allow(weir) ? 1 : 0;
        application.run(one -> application.run(other -> {
            assertThat(one).hasNotFailed();
            assertThat(other).hasNotFailed();
            for (int i = 0; i < 4; i++) {
                ask.accept(one.getBean(Weir.class));
                ask.accept(other.getBean(Weir.class));
            }
        }));
        return permitted[0];
    }

    /** On the Redis whose host and port Spring has. */
    private static ApplicationContextRunner onHostAndPort(String... properties) {
        URI uri = URI.create(redis.uri());
        return application(
                        "weir.store=redisson",
                        "spring.data.redis.host=" + uri.getHost(),
                        "spring.data.redis.port=" + uri.getPort())
                .withPropertyValues(properties);
    }

    private static ApplicationContextRunner onCluster(RedisCluster cluster, String... properties) {
        String nodes = cluster.masters().stream()
                .map(node -> node.uri().replace("redis://", ""))
                .collect(Collectors.joining(","));
        return application("weir.store=redisson", "spring.data.redis.cluster.nodes=" + nodes)
                .withPropertyValues(properties);
    }

    @Test
    void redisOfSpring_isShared_ifTheStoreIsRedisson() {
        assertThat(permitted(onHostAndPort("spring.data.redis.database=1"))).isEqualTo(3);
        assertThat(redis.send("DBSIZE")).isEqualTo(0L);
    }

    @Test
    void urlOfSpring_isShared_ifTheStoreIsRedisson() {
        assertThat(permitted(application("weir.store=redisson", "spring.data.redis.url=" + redis.uri())))
                .isEqualTo(3);
    }

    @Test
    void userOfSpring_isKept_besideAFileWithThePassword(@TempDir Path directory) throws Exception {
        redis.send("ACL", "SETUSER", "weir", "on", ">secret", "~*", "&*", "+@all");
        Path password = Files.writeString(directory.resolve("password"), "secret");

        onHostAndPort("spring.data.redis.username=weir", "weir.redisson.password-file=" + password)
                .run(context -> {
                    assertThat(allow(context.getBean(Weir.class))).isTrue();
                    assertThat((String) redis.send("CLIENT", "LIST")).contains("user=weir");
                });
    }

    /** As placeholders leave them that name nothing. */
    @Test
    void emptyUserAndPasswordOfSpring_areNone() {
        String[] empty = {"spring.data.redis.username=", "spring.data.redis.password="};

        assertThat(permitted(onHostAndPort(empty))).isEqualTo(3);
        try (RedisCluster cluster = RedisCluster.start()) {
            assertThat(permitted(onCluster(cluster, empty))).isEqualTo(3);
        }
    }

    @Test
    void clusterOfSpring_isAskedByItsUser() {
        try (RedisCluster cluster = RedisCluster.start()) {
            cluster.masters()
                    .forEach(node -> node.send("ACL", "SETUSER", "weir", "on", ">secret", "~*", "&*", "+@all"));

            onCluster(cluster, "spring.data.redis.username=weir", "spring.data.redis.password=secret")
                    .run(context -> {
                        assertThat(allow(context.getBean(Weir.class))).isTrue();
                        assertThat(cluster.masters())
                                .allSatisfy(node -> assertThat((String) node.send("CLIENT", "LIST"))
                                        .contains("user=weir"));
                        assertThat(SpringRedis.of(context.getEnvironment()).toString())
                                .doesNotContain("secret");
                    });
        }
    }

    @Test
    void redisOfSpring_isLeftAlone_ifNoStoreIsSaid() {
        assertThat(permitted(application("spring.data.redis.url=" + redis.uri())))
                .isEqualTo(6);
    }

    @Test
    void addressOfOurs_comesBeforeSprings() {
        assertThat(permitted(application(
                        "weir.store=redisson",
                        "weir.redisson.uri=" + redis.uri(),
                        "spring.data.redis.host=no.such.host")))
                .isEqualTo(3);
    }

    @Test
    void clientThatIsABean_isShared_andStaysOpen() {
        RedissonClient client = client();
        try {
            assertThat(permitted(application()
                            .withBean(RedissonClient.class, () -> client, bean -> bean.setDestroyMethodName(""))))
                    .isEqualTo(3);
            assertThat(client.isShutdown()).isFalse();
            assertThat(client.getKeys().count()).isPositive();
        } finally {
            client.shutdown();
        }
    }

    @Test
    void redisEvictsKeys_reportSaysDegraded() {
        try (RedisServer full = RedisServer.start("--maxmemory-policy", "allkeys-lru")) {
            application("weir.store=redisson", "spring.data.redis.url=" + full.uri())
                    .run(one -> {
                        StoreReport report = new StoreReport(one.getBean(Weir.class));
                        assertThat(report.fields()).containsOnlyKeys("store", "instances", "instanceId");
                        full.send(
                                "EVAL",
                                "for i = 1, 30000 do redis.call('SET', 'other:' .. i, string.rep('x', 100)) end",
                                "0");
                        full.send("CONFIG", "SET", "maxmemory", "4mb");

                        await().atMost(Duration.ofSeconds(30))
                                .untilAsserted(() -> assertThat(report.fields().get("degraded"))
                                        .asString()
                                        .contains("keys are evicted", "allkeys-lru"));
                    });
        }
    }

    @Test
    void prefix_isThatOfAllKeys_whoeversClientItIs() {
        RedissonClient client = client();
        try {
            permitted(application("weir.redis.prefix=shop")
                    .withBean(RedissonClient.class, () -> client, bean -> bean.setDestroyMethodName("")));
            permitted(application(
                    "weir.redis.prefix=shop", "weir.store=redisson", "spring.data.redis.url=" + redis.uri()));
            assertThat(client.getKeys().getKeys()).isNotEmpty().allMatch(key -> key.startsWith("shop:"));
        } finally {
            client.shutdown();
        }
    }

    @Test
    void clientThatIsABean_isLeftAlone_ifAnotherStoreIsSaid() {
        RedissonClient client = client();
        try {
            assertThat(permitted(application("weir.store=memory")
                            .withBean(RedissonClient.class, () -> client, bean -> bean.setDestroyMethodName(""))))
                    .isEqualTo(6);
        } finally {
            client.shutdown();
        }
    }

    @Test
    void severalClients_failTheStart_andSayWhatToDo() {
        List<RedissonClient> clients = new ArrayList<>();
        application()
                .withBean("one", RedissonClient.class, () -> added(clients))
                .withBean("other", RedissonClient.class, () -> added(clients))
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasStackTraceContaining("there are several RedissonClient beans"));
        clients.forEach(RedissonClient::shutdown);
    }

    private static RedissonClient added(List<RedissonClient> clients) {
        clients.add(client());
        return clients.get(clients.size() - 1);
    }

    @Test
    void storeOfAClient_isClosed_ifTheConfigurationIsWrong() {
        RedissonClient client = client();
        try {
            application("weir.policy.search.limit=none")
                    .withBean(RedissonClient.class, () -> client, bean -> bean.setDestroyMethodName(""))
                    .run(context -> assertThat(context).hasFailed());
            await().untilAsserted(() ->
                    assertThat(redis.send("ZCARD", "weir:{all}:instances")).isEqualTo(0L));
        } finally {
            client.shutdown();
        }
    }

    @Test
    void whatCannotBeTakenOver_failsTheStart() {
        application("weir.store=redisson", "spring.data.redis.host=localhost", "spring.data.redis.ssl.bundle=mine")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasStackTraceContaining("spring.data.redis.ssl.bundle cannot be taken over"));
    }

    @Test
    void servers_areTakenOver_asRedissonWritesThem() throws Exception {
        application(
                        "spring.data.redis.cluster.nodes=a:1,b:2",
                        "spring.data.redis.ssl.enabled=true",
                        "spring.data.redis.password=secret")
                .run(context -> assertThat(SpringRedis.of(context.getEnvironment())
                                .servers()
                                .orElseThrow()
                                .toYAML())
                        .contains("rediss://a:1", "rediss://b:2", "clusterServersConfig"));
        application("spring.data.redis.sentinel.master=main", "spring.data.redis.sentinel.nodes=a:1,b:2")
                .run(context -> assertThat(SpringRedis.of(context.getEnvironment())
                                .servers()
                                .orElseThrow()
                                .toYAML())
                        .contains("redis://a:1", "redis://b:2", "\"main\"", "sentinelServersConfig"));
    }

    @Test
    void password_isEscaped_inTheAddressOfASingleServer() {
        application(
                        "spring.data.redis.host=redis",
                        "spring.data.redis.username=me",
                        "spring.data.redis.password=a:b@c/d e")
                .run(context -> assertThat(
                                SpringRedis.of(context.getEnvironment()).uri())
                        .hasValue("redis://me:a%3Ab%40c%2Fd%20e@redis:6379/0"));
    }

    @Test
    void wrongShards_failTheStart() {
        RedissonClient client = client();
        try {
            application("weir.redis.shards=0")
                    .withBean(RedissonClient.class, () -> client, bean -> bean.setDestroyMethodName(""))
                    .run(context -> assertThatThrownBy(() -> context.getBean(Weir.class))
                            .hasStackTraceContaining("weir.redis.shards must be a whole number"));
        } finally {
            client.shutdown();
        }
    }
}
