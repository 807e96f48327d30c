package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import dev.weir.store.ChangeListener;
import dev.weir.store.Overrides;
import dev.weir.store.Store;
import dev.weir.store.Subject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.redisson.config.NameMapper;

/** What is set by one store is announced to another, on a real Redis, and again after connections were lost. */
@Timeout(90)
class AnnouncementsTest {

    private static final Subject ALICE = Subject.client("alice of {17}");
    private static final Subject TENANT = Subject.bucket("tenant-7");

    private final List<AutoCloseable> opened = new ArrayList<>();

    private static final class Notified implements ChangeListener {

        private final ConcurrentLinkedQueue<Subject> changes = new ConcurrentLinkedQueue<>();
        private final AtomicInteger gaps = new AtomicInteger();

        @Override
        public void onChange(Subject subject) {
            changes.add(subject);
        }

        @Override
        public void onGap() {
            gaps.incrementAndGet();
        }
    }

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T closedLater(T resource) {
        opened.add(resource);
        return resource;
    }

    private RedisServer redis() {
        return closedLater(RedisServer.start());
    }

    private RedissonStore store(Map<String, String> settings) {
        return closedLater(Opened.store(settings));
    }

    private static Map<String, String> at(RedisServer redis) {
        return Map.of("weir.redisson.uri", redis.uri());
    }

    private static Notified listening(Store store) {
        Notified notified = new Notified();
        store.listen(notified);
        await().until(() -> notified.gaps.get() > 0);
        return notified;
    }

    private static void change(Store store, Subject subject) throws Exception {
        Overrides now = store.overrides(subject).get(10, TimeUnit.SECONDS);
        Overrides next = now.isEmpty() ? now.withPlan("gold") : Overrides.NONE;
        assertThat(store.replace(subject, now.version(), next).get(10, TimeUnit.SECONDS))
                .isTrue();
    }

    private static void assertAnnounced(Store from, Notified to) throws Exception {
        for (Subject subject : List.of(ALICE, TENANT)) {
            for (String what : List.of("set", "taken away")) {
                to.changes.clear();
                change(from, subject);
                await().untilAsserted(() -> assertThat(to.changes).as(what).containsExactly(subject));
            }
        }
    }

    @Test
    void oneRedis_eachChangeIsAnnounced_alsoToWhoMakesIt() throws Exception {
        RedisServer redis = redis();
        RedissonStore one = store(at(redis));
        RedissonStore other = store(at(redis));
        Notified here = listening(one);
        Notified there = listening(other);

        assertAnnounced(one, there);
        assertAnnounced(other, there);
        assertThat(here.changes).isNotEmpty();

        there.changes.clear();
        assertThat(one.replace(ALICE, 17, Overrides.NONE.withPlan("gold")).get(10, TimeUnit.SECONDS))
                .as("another version is in force")
                .isFalse();
        change(one, TENANT);
        await().until(() -> !there.changes.isEmpty());
        assertThat(there.changes).containsExactly(TENANT);
    }

    @Test
    void connectionLost_aGap_andThenAnnouncedAgain() throws Exception {
        RedisServer redis = redis();
        RedissonStore one = store(at(redis));
        Notified there = listening(store(at(redis)));
        int gaps = there.gaps.get();

        redis.send("CLIENT", "KILL", "TYPE", "pubsub");

        await().until(() -> there.gaps.get() > gaps);
        assertAnnounced(one, there);
    }

    @Test
    void redisKilledAndStartedAgain_aGap_andThenAnnouncedAgain() throws Exception {
        RedisServer redis = redis();
        RedissonStore one = store(at(redis));
        Notified there = listening(store(at(redis)));
        int gaps = there.gaps.get();

        redis.kill();
        redis.restart();

        await().atMost(Duration.ofSeconds(20)).until(() -> there.gaps.get() > gaps);
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> assertAnnounced(one, there));
    }

    @Test
    void redisComesLater_announcedOnceItIsThere() throws Exception {
        RedisServer redis = closedLater(RedisServer.notStarted());
        RedissonStore other = closedLater(new RedissonStoreProvider().open(at(redis)));
        Notified there = new Notified();
        other.listen(there);

        redis.restart();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> other.heartbeat("other")
                        .handle((live, failure) -> there.gaps.get() > 0)
                        .join());

        assertAnnounced(store(at(redis)), there);
    }

    private static void assertGapAndAnnouncedAgain(Store from, Notified to, Runnable failOver) {
        int gaps = to.gaps.get();

        failOver.run();

        await().atMost(Duration.ofSeconds(30)).until(() -> to.gaps.get() > gaps);
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> assertAnnounced(from, to));
    }

    @Test
    void cluster_announcedFromEveryShardsNode(@TempDir Path directory) throws Exception {
        RedisCluster cluster = closedLater(RedisCluster.startWithReplicas());
        Map<String, String> settings =
                Map.of("weir.redisson.config", cluster.config(directory).toString());
        RedissonStore one = store(settings);
        Notified there = listening(store(settings));

        for (int i = 0; i < 20; i++) {
            Subject subject = Subject.client("client-" + i);
            change(one, subject);
            await().untilAsserted(() -> assertThat(there.changes).contains(subject));
        }
        assertAnnounced(one, there);

        assertGapAndAnnouncedAgain(
                one,
                there,
                () -> cluster.masters().get(cluster.masterOf(RedisKeys.CHANGES)).kill());
    }

    @Test
    void sentinels_announcedByTheNextMasterToo(@TempDir Path directory) throws Exception {
        RedisSentinels sentinels = closedLater(RedisSentinels.start());
        Map<String, String> settings =
                Map.of("weir.redisson.config", sentinels.config(directory).toString());
        RedissonStore one = store(settings);
        Notified there = listening(store(settings));
        assertAnnounced(one, there);

        assertGapAndAnnouncedAgain(one, there, sentinels.master()::kill);
    }

    /** Both ends go by the same name, whatever it is. */
    @Test
    void clientThatMapsNames_announced_andClosingOneStoreLeavesTheOther() throws Exception {
        RedisServer redis = redis();
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri());
        config.setNameMapper(new NameMapper() {
            @Override
            public String map(String name) {
                return "app:" + name;
            }

            @Override
            public String unmap(String name) {
                return name.substring("app:".length());
            }
        });
        RedissonClient client = Redisson.create(config);
        opened.add(client::shutdown);
        RedissonStore one = RedissonStore.using(client);
        RedissonStore other = RedissonStore.using(client);
        Notified here = listening(one);
        Notified there = listening(other);
        assertAnnounced(one, there);

        one.close();
        here.changes.clear();

        assertAnnounced(other, there);
        assertThat(here.changes).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"resetchannels", "-@pubsub"})
    void userWhoMayNotUseTheChannel_changesAreMade_andBothIsSaid(String right) throws Exception {
        RedisServer redis = redis();
        redis.send("ACL", "SETUSER", "app", "on", ">secret", "~*", "+@all", right);
        RedissonStore store = store(Map.of("weir.redisson.uri", redis.uri().replace("//", "//app:secret@")));
        LogLines log = new LogLines();
        opened.add(log::close);
        store.listen(new Notified());
        await().atMost(Duration.ofSeconds(20))
                .until(() -> log.atLeastWarnings().stream()
                        .anyMatch(line -> line.contains("hold within a second")
                                && line.contains("needs +subscribe +unsubscribe +publish &weir:{all}:changes")));

        change(store, ALICE);

        assertThat(store.overrides(ALICE).get(10, TimeUnit.SECONDS).plan()).isEqualTo("gold");
        assertThat(log.atLeastWarnings())
                .hasSize(2)
                .last()
                .asString()
                .contains("not announced", right.equals("-@pubsub") ? "command" : "channel")
                .contains("needs +publish &weir:{all}:changes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"resetchannels", "-@pubsub"})
    void rightsTakenAwayLater_saidOnce_andAgainAfterTheyWereBack(String right) throws Exception {
        RedisServer redis = redis();
        redis.send("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all");
        RedissonStore changing = store(at(redis));
        RedissonStore following = store(Map.of("weir.redisson.uri", redis.uri().replace("//", "//app:secret@")));
        Notified there = listening(following);
        Weir weir = weir(following);
        LogLines log = new LogLines();
        opened.add(log::close);
        await().until(() -> subscriptions(redis) == 1);

        for (int time = 1; time <= 2; time++) {
            int lines = time;
            redis.send("ACL", "SETUSER", "app", right);
            redis.send("CLIENT", "KILL", "TYPE", "pubsub");
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(said(log, "hold within a second")).isEqualTo(lines));

            redis.send("ACL", "SETUSER", "app", "&*", "+@all");
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(said(log, "announced to this instance again"))
                            .isEqualTo(lines));
            await().until(() -> subscriptions(redis) == 1);
        }

        assertThat(log.all()).hasSize(4);
        assertThat(weir.storeUp()).isTrue();
        assertAnnounced(changing, there);
    }

    private static long said(LogLines log, String part) {
        return log.all().stream().filter(line -> line.contains(part)).count();
    }

    private static long subscriptions(RedisServer redis) {
        return (Long) ((List<?>) redis.send("PUBSUB", "NUMSUB", RedisKeys.CHANGES)).get(1);
    }

    @Test
    void rightToPublishTakenAwayLater_saidOnce_andWhenItIsBack() throws Exception {
        RedisServer redis = redis();
        redis.send("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all");
        RedissonStore store = store(Map.of("weir.redisson.uri", redis.uri().replace("//", "//app:secret@")));
        LogLines log = new LogLines();
        opened.add(log::close);

        redis.send("ACL", "SETUSER", "app", "-publish");
        change(store, ALICE);
        change(store, TENANT);
        assertThat(log.all()).singleElement().asString().contains("not announced", "needs +publish");

        redis.send("ACL", "SETUSER", "app", "+publish");
        change(store, ALICE);
        change(store, TENANT);
        assertThat(log.all()).hasSize(2).last().asString().contains("announces changes again");
    }

    /** By a version that each call compares, or by a look once a second. */
    @ParameterizedTest
    @ValueSource(strings = {"resetchannels", "-@pubsub"})
    void userWhoMayNotUseTheChannel_followsWithinASecond(String right) {
        RedisServer redis = redis();
        redis.send("ACL", "SETUSER", "app", "on", ">secret", "~*", "+@all", right);
        Weir deaf = weir(store(Map.of("weir.redisson.uri", redis.uri().replace("//", "//app:secret@"))));
        Weir changing = weir(store(at(redis)));
        await().until(() -> hammered(deaf) == 100_000);

        changing.limits().setWeight("search", "alice", 2);

        await().atMost(Duration.ofSeconds(2)).until(() -> hammered(deaf) == 200_000);
    }

    /** The limit that a hot client meets, which is decided from what is leased. */
    private static long hammered(Weir weir) {
        for (int i = 0; i < 500; i++) {
            weir.limiter("search").allow("alice");
        }
        return weir.limiter("search").tryAcquire("alice").limit().permits();
    }

    private Weir weir(RedissonStore store) {
        return closedLater(Weir.builder()
                .store(store)
                .storeDeadline(Duration.ofSeconds(5))
                .policy(Policy.of("search", Limit.tokenBucket(100_000, Duration.ofMinutes(1))))
                .build());
    }
}
