package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.limit.Limit;
import dev.weir.limit.Terms;
import dev.weir.store.Charge;
import dev.weir.store.Overrides;
import dev.weir.store.Subject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Strangers who choose their ids such that all of them are in one shard. */
class ShardSecretTest {

    private static final String SECRET = "a seed that no stranger knows";
    private static final Sharding PLAIN = new Sharding(64, null);
    private static final Limit TEN = Limit.tokenBucket(10, Duration.ofDays(1));

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static Sharding by(String secret) {
        return Sharding.of(64, secret.getBytes(StandardCharsets.UTF_8));
    }

    /** Ids of one shard, as a stranger finds them. */
    private static Stream<String> chosen() {
        return Stream.iterate(0, i -> i + 1).map(i -> "mallory-" + i).filter(id -> PLAIN.shardOf(id) == 7);
    }

    private static Map<Integer, Long> shards(Sharding sharding) {
        return chosen().limit(6_400).collect(Collectors.groupingBy(sharding::shardOf, Collectors.counting()));
    }

    private RedissonStore open(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("weir.redisson.uri", redis.uri()));
        all.putAll(settings);
        return Opened.store(all);
    }

    private static boolean permits(RedissonStore store, String client) {
        return Asked.of(store, client, new Charge("search", TEN, 1))
                .orTimeout(10, TimeUnit.SECONDS)
                .join()
                .get(0)
                .permitted();
    }

    /** Pinned, for the same reason as without a secret. The values are those of another program, OpenSSL. */
    @Test
    void shardOf_knownIds_neverChange() {
        Sharding sharding = by(SECRET);

        assertThat(sharding.shardOf("alice")).isEqualTo(57);
        assertThat(sharding.shardOf("müller")).isEqualTo(7);
        assertThat(sharding.inForce()).isEqualTo("64 22b863f884d1ebf6");
    }

    @Test
    void shardOf_idsChosenForOneShard_spreadOverAllWithASecret() {
        assertThat(shards(PLAIN)).containsOnlyKeys(7);

        Map<Integer, Long> spread = shards(by(SECRET));
        assertThat(spread).hasSize(64);
        assertThat(spread.values()).allMatch(count -> count > 60 && count < 150);
        assertThat(spread).isNotEqualTo(shards(by(SECRET + "!")));
    }

    @Test
    void tryAcquire_idsChosenForOneShard_onEveryMasterOfACluster(@TempDir Path directory) {
        try (RedisCluster cluster = RedisCluster.start()) {
            Map<String, String> settings = Map.of(
                    "weir.redisson.config", cluster.config(directory).toString(), "weir.redis.shard-secret", SECRET);
            try (RedissonStore store = Opened.store(settings)) {
                chosen().limit(100).forEach(id -> permits(store, id));

                Function<RedisServer, Long> clients = master ->
                        ((List<?>) master.send("KEYS", "*:search:*")).stream().count();
                assertThat(cluster.masters()).extracting(clients).allMatch(count -> count > 10);
            }
        }
    }

    @Test
    void open_sameSecret_limitsAreShared() {
        Map<String, String> secret = Map.of("weir.redis.shard-secret", SECRET);
        try (RedissonStore one = open(secret);
                RedissonStore other = open(secret)) {
            for (int i = 0; i < 10; i++) {
                assertThat(permits(i % 2 == 0 ? one : other, "alice")).isTrue();
            }
            assertThat(permits(one, "alice")).isFalse();
            assertThat(permits(other, "alice")).isFalse();
        }
    }

    @Test
    void open_withoutTheSecretInForce_refusedAndTheSecretIsNowhere() {
        try (RedissonStore store = open(Map.of("weir.redis.shard-secret", SECRET))) {
            assertRefused(
                    Map.of(), "is 64 here", "already used with 64 (with the weir.redis.shard-secret of fingerprint ");
            assertRefused(
                    Map.of("weir.redis.shard-secret", SECRET + "!"),
                    "is 64 (with the weir.redis.shard-secret of fingerprint ",
                    "already used with 64 (with the weir.redis.shard-secret of fingerprint ");
            assertThat(permits(store, "alice")).isTrue();
        }
    }

    @Test
    void open_secretWhereNoneIsInForce_refused() {
        try (RedissonStore plain = open(Map.of())) {
            assertRefused(
                    Map.of("weir.redis.shard-secret", SECRET),
                    "is 64 (with the weir.redis.shard-secret of fingerprint ",
                    "already used with 64:");
            assertThat(permits(plain, "alice")).isTrue();
        }
    }

    private void assertRefused(Map<String, String> settings, String... words) {
        assertThatThrownBy(() -> open(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redis.shards")
                .hasMessageContainingAll(words)
                .satisfies(refusal -> assertThat(traceOf(refusal)).doesNotContain(SECRET));
    }

    private static String traceOf(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }

    @Test
    void using_settings_sharesLimitsWithTheSameSecret() {
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri()).setConnectionMinimumIdleSize(1);
        RedissonClient client = Redisson.create(config);
        Map<String, String> secret = Map.of("weir.redis.shard-secret", SECRET);
        try (RedissonStore store = open(secret);
                RedissonStore onExisting = RedissonStore.using(client, secret::get)) {
            store.replace(Subject.client("alice"), 0, new Overrides(1, null, Map.of("search", Terms.weight(3))))
                    .join();

            assertThat(onExisting.list(Subject.Kind.CLIENT, "", 10).join().entries())
                    .extracting(Map.Entry::getKey)
                    .containsExactly("alice");
            assertThat(redis.send("EXISTS", "weir:{57}:clients")).isEqualTo(1L);
            assertThat(redis.send("GET", RedisKeys.SHARDS)).isEqualTo("64 22b863f884d1ebf6");
        } finally {
            client.shutdown();
        }
    }

    @ParameterizedTest
    @CsvSource({"'', 0", "fifteen letters, 15", "müller, 7"})
    void check_tooShort_refusedWithoutIt(String secret, int bytes) {
        assertRefusedLength(secret, bytes);
    }

    @Test
    void check_lengths_inBytesOfUtf8() {
        RedissonStoreProvider provider = new RedissonStoreProvider();

        provider.check(Map.of("weir.redis.shard-secret", "ü".repeat(8)));
        provider.check(Map.of("weir.redis.shard-secret", "x".repeat(1_024)));
        assertRefusedLength("x".repeat(1_025), 1_025);
    }

    private static void assertRefusedLength(String secret, int bytes) {
        assertThatThrownBy(() -> new RedissonStoreProvider().check(Map.of("weir.redis.shard-secret", secret)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weir.redis.shard-secret must have 16 to 1024 bytes in UTF-8, but has " + bytes);
    }
}
