package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.BucketCost;
import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.Weir;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.SlidingLog;
import dev.weir.limit.Terms;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.Timestamp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

class RedissonStoreTest {

    private static final Limit YEARLY = Limit.fixedWindow(1_000, Duration.ofDays(366));
    private static final Duration YEAR = Duration.ofDays(366);
    private static final Limit HOURLY = Limit.tokenBucket(3_600, Duration.ofHours(1));

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static final RedisKeys SHARDS = new RedisKeys(RedissonSettings.DEFAULT_SHARDS);

    private final LogLines log = new LogLines();
    private RedissonStore store;

    @BeforeEach
    void open() {
        store = open(Map.of());
    }

    @AfterEach
    void close() {
        store.close();
        log.close();
    }

    private static RedissonStore open(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("weir.redisson.uri", redis.uri());
        return Opened.store(settings);
    }

    private static Decision take(RedissonStore store, String client, Limit limit, long cost) {
        return Asked.of(store, client, new Charge("search", limit, cost))
                .orTimeout(10, TimeUnit.SECONDS)
                .join()
                .get(0);
    }

    private static String key(String client) {
        return new RedisKeys(RedissonSettings.DEFAULT_SHARDS).usage(client, "search");
    }

    @Test
    void tryAcquire_byRedisTime_permitsComeBack() {
        Limit limit = Limit.tokenBucket(1, Duration.ofMillis(300));

        assertThat(take(store, "alice", limit, 1).permitted()).isTrue();
        Rejected refused = (Rejected) take(store, "alice", limit, 1);

        assertThat(refused.retryAfterMicros()).isBetween(1L, 300_000L);
        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> take(store, "alice", limit, 1).permitted());
    }

    @Test
    void tryAcquire_manyDecisions_oneScriptCallEach() {
        take(store, "alice", YEARLY, 1);
        long before = scriptCalls();

        for (int i = 0; i < 100; i++) {
            Asked.of(store, "alice", new Charge("a", YEARLY, 1), new Charge("b", HOURLY, 1))
                    .join();
        }

        assertThat(scriptCalls() - before).isEqualTo(100);
    }

    private static long scriptCalls() {
        return calls("fcall|eval|evalsha");
    }

    private static long calls(String commands) {
        return Pattern.compile("cmdstat_(?:" + commands + "):calls=(\\d+)")
                .matcher((String) redis.send("INFO", "commandstats"))
                .results()
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .sum();
    }

    @Test
    void tryAcquire_activeClient_atMost120BytesInOneKey() {
        take(store, "alice", HOURLY, 100);

        assertThat((List<?>) redis.send("KEYS", "*search*")).isEqualTo(List.of(key("alice")));
        Long bytes = (Long) redis.send("MEMORY", "USAGE", key("alice"));
        System.out.println("MEMORY USAGE of " + key("alice") + ": " + bytes + " bytes");
        assertThat(bytes).isBetween(30L, 120L);
        assertThat(redis.send("STRLEN", key("alice"))).isEqualTo(30L);
    }

    /** The value is what counts: to how many bytes Redis rounds it up is its allocator's business, by 16 at most. */
    @Test
    void lease_out_valueIs28BytesLonger_andAsBeforeWhenItIsBack() {
        Limit limit = Limit.tokenBucket(1_000, Duration.ofSeconds(10));
        take(store, "alice", limit, 100);
        Long before = (Long) redis.send("MEMORY", "USAGE", key("alice"));

        Grant grant = lease(limit, 50, Grant.NONE, 0);

        assertThat(grant.permits()).isEqualTo(50);
        assertThat(redis.send("STRLEN", key("alice"))).isEqualTo(58L);
        Long bytes = (Long) redis.send("MEMORY", "USAGE", key("alice"));
        System.out.println("MEMORY USAGE of " + key("alice") + ", leased: " + bytes + " bytes");
        assertThat(bytes - before).isBetween(28L - 16, 28L + 16);

        lease(limit, 0, grant, 50);

        assertThat(redis.send("STRLEN", key("alice"))).isEqualTo(30L);
    }

    private Grant lease(Limit limit, long wanted, Grant lease, long left) {
        LeaseCall call =
                new LeaseCall(Subject.client("alice"), Overrides.NO_VERSION, "search", limit, 0, wanted, lease, left);
        return ((StoreReply.Leased) store.lease(call).join()).grant();
    }

    @Test
    void pool_inUse_livesUntilItIsEmptyAndRemembersOnlyWhoHasSomethingInIt() throws InterruptedException {
        Pool slow = new Pool("slow", new Rate(100, Duration.ofHours(1), 100));
        takeOfPool(slow, "alice", 1, 10);
        takeOfPool(slow, "zero", 0, 1);

        assertThat(redis.send("STRLEN", "weir:{pool:slow}:state")).isEqualTo(99L);
        assertThat((Long) redis.send("PTTL", "weir:{pool:slow}:state")).isBetween(390_000L, 396_002L);
        for (String key : List.of("weighted", "minimal", "members")) {
            assertThat((Long) redis.send("PTTL", "weir:{pool:slow}:" + key)).isBetween(450_000L, 456_002L);
        }
        assertThat(redis.send("ZRANGE", "weir:{pool:slow}:weighted", "0", "-1")).isEqualTo(List.of("alice"));
        assertThat(redis.send("ZRANGE", "weir:{pool:slow}:minimal", "0", "-1")).isEqualTo(List.of("zero"));

        Pool fast = new Pool("fast", new Rate(1_000, Duration.ofSeconds(1), 100));
        for (int i = 0; i < 50; i++) {
            takeOfPool(fast, "client-" + i, 1, 1);
        }
        await().until(() -> (Long) redis.send("EXISTS", "weir:{pool:fast}:state") == 0);
        assertThat(takeOfPool(fast, "last", 1, 50).permitted()).isTrue();
        assertThat(redis.send("ZRANGE", "weir:{pool:fast}:weighted", "0", "-1")).isEqualTo(List.of("last"));
        assertThat(redis.send("HLEN", "weir:{pool:fast}:members")).isEqualTo(1L);
    }

    /** What another program wrote there counts as nothing, and does not stand in the way for ever. */
    @Test
    void pool_stateOfSomebodyElse_isOverwritten() {
        Pool pool = new Pool("odd", new Rate(100, Duration.ofHours(1), 100));
        redis.send("SET", "weir:{pool:odd}:state", "something else");
        redis.send("ZADD", "weir:{pool:odd}:weighted", "1e300", "alice");

        assertThat(takeOfPool(pool, "alice", 1, 50).permitted()).isTrue();
        assertThat(redis.send("STRLEN", "weir:{pool:odd}:state")).isEqualTo(99L);
    }

    private Decision takeOfPool(Pool pool, String client, long weight, long cost) {
        StoreRequest call = StoreRequest.of(client, List.of(new Share(pool, weight).charge("search", null, cost)));
        return ((StoreReply.Decided) store.tryAcquire(call).join()).decisions().get(0);
    }

    @Test
    void tryAcquire_refusedFromRest_noKey() {
        take(store, "alice", HOURLY, HOURLY.capacity() + 1);

        assertThat((List<?>) redis.send("KEYS", "*search*")).isEmpty();
    }

    static Stream<Limit> limits() {
        return Stream.of(
                HOURLY,
                YEARLY,
                Limit.tokenBucket(1, Duration.ofDays(300)),
                Limit.tokenBucket(1_234_567, Duration.ofDays(1)),
                Limit.fixedWindow(10, Duration.ofHours(1)),
                Limit.slidingWindow(10, Duration.ofHours(1)),
                Limit.slidingLog(10, Duration.ofHours(1)));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_permitted_keyLivesUntilTheLimitIsWhole(Limit limit) {
        long resetMillis = take(store, "alice", limit, 1).resetAfterMicros() / 1_000;

        assertThat((Long) redis.send("PTTL", key("alice"))).isBetween(resetMillis - 1_000, resetMillis + 2);
        long stampAtMost = nowMillis() + resetMillis + 3;
        assertThat((Long) redis.send("PEXPIRETIME", key("alice"))).isLessThanOrEqualTo(stampAtMost);
    }

    /** Older timestamps, up to a minute, must not find a whole limit: so 65.536 s more, and not a byte. */
    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_timestamp_keyLivesUntilOlderOnesAreStale(Limit limit) {
        long atMicros = (nowMillis() - 30_000) * 1_000;
        List<Charge> charges = List.of(new Charge("search", limit, 1));
        Timestamp timestamp = new Timestamp(atMicros, 60_000_000, 5_000_000);
        StoreReply answer = store.tryAcquire(
                        new StoreRequest(Subject.client("alice"), Overrides.NO_VERSION, charges, timestamp))
                .join();
        long resetMillis = ((StoreReply.Decided) answer).decisions().get(0).resetAfterMicros() / 1_000;

        long lives = resetMillis - 30_000 + 65_536;
        assertThat((Long) redis.send("PTTL", key("alice"))).isBetween(lives - 1_000, lives + 3);
        if (!(limit instanceof SlidingLog)) {
            assertThat(redis.send("STRLEN", key("alice"))).isEqualTo(30L);
        }

        take(store, "alice", limit, 1);
        long resetOfBoth = take(store, "alice", limit, 1).resetAfterMicros() / 1_000;
        assertThat((Long) redis.send("PTTL", key("alice"))).isBetween(resetOfBoth + 64_536, resetOfBoth + 65_540);
    }

    private static long nowMillis() {
        List<?> time = (List<?>) redis.send("TIME");
        return Long.parseLong((String) time.get(0)) * 1_000 + Long.parseLong((String) time.get(1)) / 1_000;
    }

    @Test
    void tryAcquire_wholeLimitAgain_keyIsGone() {
        take(store, "alice", Limit.tokenBucket(100, Duration.ofSeconds(1)), 10);
        assertThat(redis.send("EXISTS", key("alice"))).isEqualTo(1L);

        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> redis.send("EXISTS", key("alice")).equals(0L));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_refused_writesNothing(Limit limit) {
        take(store, "alice", limit, limit.capacity());
        long before = writes();

        for (int i = 0; i < 10; i++) {
            assertThat(take(store, "alice", limit, limit.capacity()).permitted())
                    .isFalse();
        }

        assertThat(writes()).isEqualTo(before);
    }

    private static long writes() {
        return calls("set|del|rpush|ltrim|pexpire");
    }

    static Stream<List<String>> foreignValues() {
        return Stream.of(
                List.of("SET", key("alice"), "what is this?"),
                List.of("SET", key("alice"), ""),
                List.of("SET", key("alice"), "x".repeat(30)),
                List.of("SET", key("alice"), "\u0001\u0000" + "\u0000".repeat(28)),
                List.of("SET", key("alice"), "\u0002\u0003" + "\u0000".repeat(28)),
                List.of("RPUSH", key("alice"), "a", "b"),
                List.of("RPUSH", key("alice"), "a".repeat(14), "b".repeat(22)),
                List.of("RPUSH", key("alice"), "\u0004" + "\u0000".repeat(6) + "\u0001" + "\u0000".repeat(14)),
                List.of("HSET", key("alice"), "used", "5"));
    }

    @ParameterizedTest
    @MethodSource("foreignValues")
    void tryAcquire_foreignValue_countsAsNoUsageAndIsOverwritten(List<String> command) {
        for (Limit limit : List.of(YEARLY, Limit.slidingWindow(1_000, YEAR), Limit.slidingLog(1_000, YEAR))) {
            redis.send("DEL", key("alice"));
            redis.send(command.toArray(String[]::new));

            assertThat(take(store, "alice", limit, 1_000).permitted()).isTrue();

            assertThat(take(store, "alice", limit, 1).permitted()).isFalse();
            assertThat(log.atLeastWarnings()).hasSize(1).first().asString().contains(key("alice"));
        }
    }

    static Stream<String> foreignOverrides() {
        return Stream.of(
                "garbage",
                "",
                "17",
                "0 search weight=7",
                "17 ",
                "17 ;;;=;x",
                "17 search weight=-1",
                "17 search weight=ten rate=1/2 split=50,49 what",
                "17 search rate=1/9223372036854775807/1",
                "17 search rate=0/1000000/0",
                "17 plan=no such plan",
                "9007199254740992 search weight=7",
                "9999999999999999 search weight=7",
                "99999999999999999999999999 search weight=7");
    }

    @ParameterizedTest
    @MethodSource("foreignOverrides")
    void tryAcquire_overridesThatNobodyCanRead_countAsNothingAndCanBeSetAnew(String foreign) {
        redis.send("HSET", "weir:{%d}:clients".formatted(SHARDS.shard("alice")), "alice", foreign);
        try (Weir weir = Weir.builder()
                .store(store)
                .storeDeadline(Duration.ofSeconds(10))
                .policy(Policy.of("search", YEARLY))
                .build()) {

            for (int i = 1; i <= 2; i++) {
                assertThat(weir.limiter("search").tryAcquire("alice").reason()).isEqualTo(Reason.OK);
            }
            assertThat(weir.storeUp()).isTrue();
            assertThat(weir.limiter("search").tryAcquire("alice").remaining()).isEqualTo(997);
            assertThat(weir.limits().list(Subject.Kind.CLIENT, "", 10).entries())
                    .hasSize(1);
            weir.limits().setWeight("search", "alice", 2);
            assertThat(weir.limiter("search").tryAcquire("alice").remaining()).isEqualTo(1_996);
            assertThat(weir.limits().find("alice").of("search").weight()).isEqualTo(2);
        }
    }

    @Test
    void tryAcquire_overridesPartlyReadable_thatPartHolds() {
        redis.send(
                "HSET",
                "weir:{%d}:clients".formatted(SHARDS.shard("alice")),
                "alice",
                "17 later=1;search rate=x weight=3 later=2");

        Overrides read = store.overrides(Subject.client("alice")).join();

        assertThat(read).isEqualTo(new Overrides(17, null, Map.of("search", Terms.weight(3))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "1", ":", "1:", "-1:0", "64:0", "99999:0", "1:-1", "1:0:0", "1: 0", "1:x"})
    void list_fromWhatNoPageSaid_refused(String from) {
        try (Weir weir = Weir.builder().store(store).build()) {
            assertThatThrownBy(() -> weir.limits().list(Subject.Kind.CLIENT, from, 10))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + from + "'");
        }
    }

    @Test
    void tryAcquire_algorithmChanges_keyChangesItsTypeAndUsageIsKept() {
        Limit log = Limit.slidingLog(1_000, YEAR);

        assertThat(take(store, "alice", YEARLY, 10).remaining()).isEqualTo(990);
        assertThat(redis.send("TYPE", key("alice"))).isEqualTo("string");
        assertThat(take(store, "alice", log, 10).remaining()).isEqualTo(980);
        assertThat(redis.send("TYPE", key("alice"))).isEqualTo("list");
        assertThat(take(store, "alice", log, 990).permitted()).isFalse();
        assertThat(take(store, "alice", Limit.slidingWindow(1_000, YEAR), 10).remaining())
                .isEqualTo(970);
        assertThat(redis.send("TYPE", key("alice"))).isEqualTo("string");
    }

    @Test
    void tryAcquire_slidingWindow_asSmallAsAnyOther() {
        take(store, "alice", Limit.slidingWindow(1_000_000, Duration.ofHours(1)), 100);

        assertThat(redis.send("STRLEN", key("alice"))).isEqualTo(30L);
    }

    @Test
    void tryAcquire_slidingLog_memoryIsBoundedByItsLimit() {
        Limit log = Limit.slidingLog(SlidingLog.MAX_PERMITS, YEAR);
        for (int i = 0; i < SlidingLog.MAX_PERMITS + 100; i++) {
            take(store, "alice", log, 1);
        }

        assertThat((Long) redis.send("LLEN", key("alice"))).isLessThanOrEqualTo(SlidingLog.MAX_PERMITS + 1);
        Long bytes = (Long) redis.send("MEMORY", "USAGE", key("alice"), "SAMPLES", "0");
        System.out.println("MEMORY USAGE of a full sliding log of 10,000: " + bytes + " bytes");
        assertThat(bytes).isLessThan(20 * SlidingLog.MAX_PERMITS);
    }

    @Test
    void tryAcquire_slidingLogAtItsLimitForLong_workStaysSmall() {
        Limit log = Limit.slidingLog(SlidingLog.MAX_PERMITS, YEAR);
        for (int i = 0; i < 2_000; i++) {
            take(store, "alice", log, 1);
        }
        long before = calls("lindex|llen|lrange");

        assertThat(take(store, "alice", log, SlidingLog.MAX_PERMITS).permitted())
                .isFalse();

        assertThat(calls("lindex|llen|lrange") - before).isLessThan(40);
    }

    @Test
    void tryAcquire_oddClientIds_keysAreExactAndInTheShardOfTheId() {
        for (String client : List.of("{a}", "}{", "a:b:c", "\u0000\r\n\u0007", "漢字\ud83d\ude80", "{weir}", "%s", "*")) {
            take(store, client, YEARLY, 1);

            assertThat(redis.send("EXISTS", key(client))).as(client).isEqualTo(1L);
            byte[] tag = key(client).substring(0, key(client).indexOf('}')).getBytes(StandardCharsets.UTF_8);
            assertThat(new String(tag, StandardCharsets.UTF_8)).matches("weir:\\{\\d+");
        }
    }

    @Test
    void tryAcquire_twoStoresManyThreads_oneLimitExactly() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try (RedissonStore other = open(Map.of())) {
            List<RedissonStore> both = List.of(store, other);
            List<Callable<Long>> tasks = IntStream.range(0, 16)
                    .<Callable<Long>>mapToObj(i -> () -> IntStream.range(0, 250)
                            .filter(n ->
                                    take(both.get(i % 2), "alice", YEARLY, 1).permitted())
                            .count())
                    .toList();
            long permitted = 0;
            for (Future<Long> task : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                permitted += task.get();
            }

            assertThat(permitted).isEqualTo(1_000);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void tryAcquire_scriptError_failsWithErrorAndWithoutTheClientsId() {
        redis.send("CONFIG", "SET", "maxmemory", "1");
        try {
            assertThatThrownBy(() -> take(store, "alice", YEARLY, 1))
                    .cause()
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(Kind.ERROR))
                    .hasMessageContaining("maxmemory")
                    .hasMessageNotContaining("alice");
        } finally {
            redis.send("CONFIG", "SET", "maxmemory", "0");
        }
        assertThat(take(store, "alice", YEARLY, 1).remaining()).isEqualTo(999);
    }

    @Test
    void heartbeat_severalInstances_countedUntilTheyLeave() {
        assertThat(store.heartbeat("a").join()).isEqualTo(1);
        try (RedissonStore other = open(Map.of())) {
            assertThat(other.heartbeat("b").join()).isEqualTo(2);
            assertThat(other.heartbeat("b").join()).isEqualTo(2);
            assertThat(store.heartbeat("a").join()).isEqualTo(2);
        }
        assertThat(store.heartbeat("a").join()).isEqualTo(1);
    }

    @Test
    void heartbeat_instancesNotHeardOf_dropped() {
        long now = nowMillis() * 1_000;
        redis.send("ZADD", RedisKeys.INSTANCES, Long.toString(now - 6_000_000), "crashed");
        redis.send("ZADD", RedisKeys.INSTANCES, Long.toString(now - 3_000_000), "slow");
        redis.send("ZADD", RedisKeys.INSTANCES, Long.toString(now + 3_600_000_000L), "from the future");

        assertThat(store.heartbeat("a").join()).isEqualTo(2);
        assertThat((List<?>) redis.send("ZRANGE", RedisKeys.INSTANCES, "0", "-1"))
                .isEqualTo(List.of("slow", "a"));
        assertThat((Long) redis.send("PTTL", RedisKeys.INSTANCES))
                .as("what expires is evicted first")
                .isEqualTo(-1);
    }

    @Test
    void heartbeat_noId_refused() {
        assertThatThrownBy(() -> store.heartbeat("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void open_otherShardsThanInRedis_refusedNamingBoth() {
        assertThatThrownBy(() -> open(Map.of("weir.redis.shards", "16")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redis.shards is 16")
                .hasMessageContaining("already used with 64");
        assertThat(redis.send("GET", RedisKeys.SHARDS)).isEqualTo("64");
    }

    @Test
    void heartbeat_shardsChangedUnderneath_callsFailUntilTheyAgreeAgain() {
        redis.send("SET", RedisKeys.SHARDS, "128");

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> store.heartbeat("a").join()).cause().hasMessageContaining("already used with 128");
        }
        assertThatThrownBy(() -> take(store, "alice", YEARLY, 1))
                .cause()
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("64")
                .hasMessageContaining("128");
        assertThat(log.atLeastWarnings()).hasSize(1);

        redis.send("SET", RedisKeys.SHARDS, "64");
        assertThat(store.heartbeat("a").join()).isEqualTo(1);
        assertThat(take(store, "alice", YEARLY, 1).permitted()).isTrue();
    }

    @Test
    void using_existingClient_sharesLimitsAndIsLeftOpen() {
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri()).setConnectionMinimumIdleSize(1);
        RedissonClient existing = Redisson.create(config);
        try {
            RedissonStore onExisting = RedissonStore.using(existing);
            assertThat(take(onExisting, "alice", YEARLY, 1).remaining()).isEqualTo(999);
            assertThat(take(store, "alice", YEARLY, 1).remaining()).isEqualTo(998);

            onExisting.close();

            assertThat(existing.isShutdown()).isFalse();
            assertThat(existing.getKeys().count()).isPositive();
            assertFails(onExisting, Kind.UNREACHABLE, "closed");
        } finally {
            existing.shutdown();
        }
    }

    @Test
    void tryAcquire_bucketInAnotherShardRefuses_clientGetsBackWhatItGave() {
        Policy search = Policy.of("search", Limit.fixedWindow(10, YEAR));
        Weir weir = Weir.builder()
                .store(store)
                .policy(search)
                .storeDeadline(Duration.ofSeconds(10))
                .build();
        List<PolicyCost> four = List.of(new PolicyCost("search", 4));
        weir.limits().createBucket("tenant", 1, 1_000);
        assertThat(SHARDS.shard("tenant")).isNotEqualTo(SHARDS.shard("alice"));
        assertThat(weir.tryAcquire("alice", four, List.of(new BucketCost("tenant", 900)))
                        .permitted())
                .isTrue();

        Decisions refused = weir.tryAcquire("alice", four, List.of(new BucketCost("tenant", 900)));

        assertThat(refused.each()).extracting(Decision::permitted).containsExactly(true, false);
        // No request waits for it: so it may take a moment, and what is asked meanwhile finds too little, never too
        // much.
        await().until(() -> weir.limiter("search").tryAcquire("alice", 11).remaining() == 6);
        assertThat(weir.tryAcquire("alice", four, List.of(new BucketCost("tenant", 1)))
                        .permitted())
                .isTrue();
    }

    @Test
    void giveBack_storeClosed_failsAndIsNotTriedAgain() {
        store.close();

        assertThat(store.giveBack(StoreRequest.of("alice", List.of(new Charge("search", YEARLY, 1))), 1))
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("closed");
    }

    @Test
    void using_shardsOutOfRange_refused() {
        for (int shards : new int[] {-1, 0, 16_385}) {
            assertThatThrownBy(() -> RedissonStore.using(null, shards))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("weir.redis.shards")
                    .hasMessageContaining("1 to 16384")
                    .hasMessageContaining("'" + shards + "'");
        }
    }

    @Test
    void close_twice_callsAfterItFailAtOnce() {
        store.close();
        store.close();

        assertFails(store, Kind.UNREACHABLE, "closed");
        assertThatThrownBy(() -> store.heartbeat("a").join()).cause().hasMessageContaining("closed");
    }

    private static void assertFails(RedissonStore store, Kind kind, String message) {
        CompletableFuture<List<Decision>> answer = Asked.of(store, "alice", new Charge("search", YEARLY, 1));
        assertThat(answer)
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        StoreException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind))
                .withMessageContaining(message);
    }
}
