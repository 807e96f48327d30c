package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Terms;
import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Applications on one Redis that have policies and clients of the same names. */
class PrefixTest {

    private static final Limit TWO = Limit.tokenBucket(2, Duration.ofDays(1));
    private static final Charge CHARGE = new Charge("search", TWO, 1);
    private static final Pool POOL = new Pool("backend", Limit.tokenBucket(2, Duration.ofDays(1)));
    private static final Subject ALICE = Subject.client("alice");

    @Test
    void prefixes_onOneRedis_shareNothing() {
        try (RedisServer redis = RedisServer.start()) {
            assertApart(Map.of("weir.redisson.uri", redis.uri()));

            List<?> keys = (List<?>) redis.send("KEYS", "*");
            assertThat(keys).allMatch(key -> key.toString().matches("((shop|shop:eu):)?weir:\\{.+}:.+"));
        }
    }

    @Test
    void prefixes_onACluster_shareNothing(@TempDir Path directory) {
        try (RedisCluster cluster = RedisCluster.start()) {
            assertApart(Map.of("weir.redisson.config", cluster.config(directory).toString()));
        }
    }

    private static void assertApart(Map<String, String> redis) {
        try (RedissonStore none = Opened.store(redis);
                RedissonStore shop = Opened.store(with(redis, "shop"));
                RedissonStore eu = Opened.store(with(redis, "shop:eu"))) {
            List<RedissonStore> stores = List.of(none, shop, eu);
            Map<RedissonStore, Queue<Subject>> changes = listeners(stores);
            for (RedissonStore store : stores) {
                assertThat(permits(store)).containsExactly(true, true, false);
                assertThat(permitsOfPool(store)).containsExactly(true, true, false);
                assertThat(store.heartbeat("instance of " + stores.indexOf(store))
                                .join())
                        .isEqualTo(1);
            }
            assertThat(shop.instances().join()).containsExactly("instance of 1");

            assertThat(shop.replace(ALICE, 0, new Overrides(1, null, Map.of("search", Terms.weight(3))))
                            .join())
                    .isTrue();

            assertThat(shop.overrides(ALICE).join().version()).isPositive();
            assertThat(none.overrides(ALICE).join().version()).isZero();
            assertThat(eu.overrides(ALICE).join().version()).isZero();
            await().until(() -> changes.get(shop).contains(ALICE));
            assertThat(changes.get(none)).isEmpty();
            assertThat(changes.get(eu)).isEmpty();
        }
    }

    private static Map<RedissonStore, Queue<Subject>> listeners(List<RedissonStore> stores) {
        Map<RedissonStore, Queue<Subject>> changes = new HashMap<>();
        Queue<RedissonStore> subscribed = new ConcurrentLinkedQueue<>();
        for (RedissonStore store : stores) {
            changes.put(store, new ConcurrentLinkedQueue<>());
            store.listen(new ChangeListener() {
                @Override
                public void onChange(Subject subject) {
                    changes.get(store).add(subject);
                }

                @Override
                public void onGap() {
                    subscribed.add(store);
                }
            });
        }
        await().until(() -> subscribed.containsAll(stores));
        return changes;
    }

    @Test
    void samePrefix_bySettingsAndOnAnApplicationsClient_shares() {
        try (RedisServer redis = RedisServer.start()) {
            Config config = new Config();
            config.useSingleServer().setAddress(redis.uri()).setConnectionMinimumIdleSize(1);
            RedissonClient client = Redisson.create(config);
            try (RedissonStore one = RedissonStore.using(client, 64, "shop");
                    RedissonStore other = Opened.store(with(Map.of("weir.redisson.uri", redis.uri()), "shop"))) {
                assertThat(permit(one)).isTrue();
                assertThat(permit(other)).isTrue();
                assertThat(permit(one)).isFalse();
                one.heartbeat("one").join();
                assertThat(other.heartbeat("other").join()).isEqualTo(2);
            } finally {
                client.shutdown();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{shop}",
                "shop*",
                "a b",
                "\u00e4",
                "0123456789012345678901234567890123456789012345678901234567890123x"
            })
    void wrongPrefix_isRefused(String prefix) {
        assertThatThrownBy(() -> new RedissonStoreProvider().check(Map.of("weir.redis.prefix", prefix)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "weir.redis.prefix must be 1 to 64 letters, digits, dots, hyphens, underscores and colons, but is '%s'"
                                .formatted(prefix));
    }

    private static Map<String, String> with(Map<String, String> redis, String prefix) {
        Map<String, String> settings = new HashMap<>(redis);
        settings.put("weir.redis.prefix", prefix);
        return settings;
    }

    private static List<Boolean> permits(RedissonStore store) {
        return List.of(permit(store), permit(store), permit(store));
    }

    private static boolean permit(RedissonStore store) {
        return Asked.of(store, "alice", CHARGE).join().get(0).permitted();
    }

    private static List<Boolean> permitsOfPool(RedissonStore store) {
        return List.of(permitOfPool(store), permitOfPool(store), permitOfPool(store));
    }

    private static boolean permitOfPool(RedissonStore store) {
        Decision decision = ((StoreReply.Decided) store.tryAcquire(
                                StoreRequest.of("alice", List.of(new Share(POOL, 1).charge("search", null, 1))))
                        .join())
                .decisions()
                .get(0);
        return decision.permitted();
    }
}
