package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import dev.weir.store.StoreContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The contract, and limiters, as a user who has the rights that docs/operations.md lists, and no others. */
class LeastRightsTest extends StoreContract {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static final List<String> RIGHTS = rights();

    /** What Redisson tries at the start, to find out what the server can do; it goes on without. */
    private static final Set<String> TRIED = Set.of("test1", "pubsub|numpat", "pubsub|shardnumsub");

    private static GivenTimeStore store;

    private static List<String> rights() {
        try (Stream<String> lines = Files.lines(Path.of("..", "docs", "operations.md"))) {
            return List.of(lines.filter(line -> line.startsWith("ACL SETUSER weir "))
                    .findFirst()
                    .orElseThrow()
                    .split(" "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void open() {
        redis.send(RIGHTS.toArray(String[]::new));
        store = new GivenTimeStore(Map.of(RedissonSettings.URI, uri()));
    }

    private static String uri() {
        URI server = URI.create(redis.uri());
        return "redis://weir:secret@%s:%d".formatted(server.getHost(), server.getPort());
    }

    /** Nothing was denied; and nothing is granted that is not used. */
    @AfterAll
    static void close() {
        store.close();
        assertThat(denied(redis.send("ACL", "LOG"))).isSubsetOf(TRIED);
        String used = (String) redis.send("INFO", "commandstats");
        assertThat(RIGHTS.stream().filter(word -> word.startsWith("+")).map(word -> word.substring(1)))
                .allMatch(command -> used.contains("cmdstat_" + command + ":"));
    }

    /** The commands and keys of a log of denials. */
    private static List<String> denied(Object log) {
        return ((List<?>) log)
                .stream()
                        .map(entry -> (List<?>) entry)
                        .map(fields -> (String) fields.get(fields.indexOf("object") + 1))
                        .toList();
    }

    @Override
    protected Store store() {
        return store;
    }

    @Override
    protected void setNowMicros(long nowMicros) {
        store.setNowMicros(nowMicros);
    }

    @Test
    void limiters_policyLeasePoolAndAChangeAtRunTime() {
        assertLimits(Map.of(RedissonSettings.URI, uri()));
    }

    @Test
    void cluster_likewise(@TempDir Path directory) throws IOException {
        try (RedisCluster cluster = RedisCluster.startWithReplicas()) {
            List<RedisServer> nodes = Stream.of(cluster.masters(), cluster.replicas())
                    .flatMap(List::stream)
                    .toList();
            String[] more = Stream.concat(RIGHTS.stream(), Stream.of("+cluster|nodes", "+readonly"))
                    .toArray(String[]::new);
            nodes.forEach(node -> node.send(more));
            Path config = cluster.config(directory);
            Files.writeString(
                    config,
                    Files.readString(config)
                            .replace("  readMode: MASTER\n", "")
                            .replace("  nodeAddresses", "  username: weir\n  password: secret\n  nodeAddresses"));

            assertLimits(Map.of(RedissonSettings.CONFIG, config.toString()));

            assertThat(nodes)
                    .allSatisfy(
                            node -> assertThat(denied(node.send("ACL", "LOG"))).isSubsetOf(TRIED));
            assertThat((String) cluster.replicas().get(0).send("INFO", "commandstats"))
                    .contains("cmdstat_readonly:");
        }
    }

    /** Of an application that shares its Redis with one that it does not trust. */
    @Test
    void keysOfAPrefix_withoutFunctions_likewise_andNothingElseIsReached() throws IOException {
        String[] rights = RIGHTS.stream()
                .filter(word -> !word.equals("+fcall") && !word.equals("+function|load"))
                .map(word -> word.replace("weir:*", "shop:weir:*").replaceAll("^weir$", "shop"))
                .toArray(String[]::new);
        try (RedisServer own = RedisServer.start()) {
            own.send(rights);

            List<String> logged = logOfLimits(Map.of(
                    RedissonSettings.URI,
                    "redis://shop:secret@127.0.0.1:" + own.port(),
                    RedissonSettings.PREFIX,
                    "shop"));

            assertThat(logged).allMatch(line -> line.startsWith("INFO Redis takes no functions now (NOPERM"));

            assertThat((List<?>) own.send("KEYS", "*"))
                    .allMatch(key -> key.toString().startsWith("shop:weir:"));
            try (RespClient shop = new RespClient("127.0.0.1", own.port())) {
                shop.send("AUTH", "shop", "secret");
                for (String denied : List.of(
                        "GET weir:{7}:search:alice",
                        "EVAL return(redis.call('SET','weir:{7}:search:alice','1')) 0",
                        "FUNCTION LOAD x",
                        "FCALL x 0",
                        "PUBLISH weir:{all}:changes x")) {
                    assertThatThrownBy(() -> shop.send(denied.split(" ")))
                            .as(denied)
                            .hasMessageMatching(".*([Nn]o permission|can't access).*");
                }
            }
        }
    }

    private static void assertLimits(Map<String, String> settings) {
        assertThat(logOfLimits(settings)).isEmpty();
    }

    /** What is logged where limiters do all that they do. */
    private static List<String> logOfLimits(Map<String, String> settings) {
        AtomicLong leased = new AtomicLong();
        try (LogLines log = new LogLines();
                Weir one = limiter(settings, leased);
                Weir other = limiter(settings, new AtomicLong())) {
            assertThat(one.storeUp() && other.storeUp()).isTrue();
            await().until(() -> other.limiter("hot").allow("alice") && leased(one, leased) > 0);
            for (int i = 0; i < 4; i++) {
                assertThat((i % 2 == 0 ? one : other).limiter("shared").allow("alice"))
                        .isEqualTo(i < 2);
            }
            one.limits().setWeight("hot", "alice", 2);
            await().until(() -> other.limiter("hot").tryAcquire("alice").limit().permits() == 200_000);
            one.limits().createBucket("tenant-7", 10, 50);
            assertThat(other.bucket("tenant-7").tryAcquire(5).remaining()).isEqualTo(45);
            one.limits().deleteBucket("tenant-7");
            assertThat(one.instanceIds()).hasSize(2);
            return List.copyOf(log.all());
        }
    }

    private static long leased(Weir weir, AtomicLong leased) {
        for (int i = 0; i < 1_000; i++) {
            weir.limiter("hot").allow("alice");
        }
        return leased.get();
    }

    private static Weir limiter(Map<String, String> settings, AtomicLong leased) {
        return Weir.builder()
                .store(Opened.store(settings))
                .storeDeadline(Duration.ofSeconds(10))
                .policy(Policy.of("hot", Limit.tokenBucket(100_000, Duration.ofMinutes(1))))
                .policy(Policy.sharing("shared", new Pool("backend", new Rate(2, Duration.ofDays(1), 2))))
                .listener(new LimiterListener() {
                    @Override
                    public void onLeaseUse(String policy, LeaseUse use) {
                        leased.addAndGet(use.leased());
                    }
                })
                .build();
    }
}
