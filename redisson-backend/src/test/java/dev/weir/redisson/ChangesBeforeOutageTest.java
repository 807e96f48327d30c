package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Acquisition;
import dev.weir.LimitAdmin;
import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.store.Store;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A limit is changed at run time, and Redis stops before the next request: the instance that made the change, and one
 * that it was announced to, decide by the new numbers meanwhile.
 */
@Timeout(60)
class ChangesBeforeOutageTest {

    private static final Duration LONG = Limit.MAX_PERIOD;
    private static final Policy SEARCH = Policy.of("search", Limit.tokenBucket(10, LONG))
            .action("export", Rate.of(4, LONG))
            .plan("gold", Terms.rate(Rate.of(70, LONG)));
    private static final Policy SHARED =
            Policy.of("shared", Limit.tokenBucket(10, LONG)).in(new Pool("backend", new Rate(1_000, LONG, 1_000)));

    private static final Acquisition ALICE = Acquisition.of("alice");

    /** What is set first, what is set then, and what a request shows of it. */
    private enum Change {
        RATE(limits -> {}, limits -> limits.setRate("search", "alice", 3, LONG), Change::limit),
        SECOND_RATE(
                limits -> limits.setRate("search", "alice", 5, LONG),
                limits -> limits.setRate("search", "alice", 3, LONG),
                Change::limit),
        WEIGHT(limits -> {}, limits -> limits.setWeight("search", "alice", 2), Change::limit),
        PLAN(limits -> {}, limits -> limits.setPlan("alice", "gold"), Change::limit),
        SPLIT(
                limits -> {},
                limits -> limits.setSplit("search", "alice", 200, 60, 40),
                weir -> weir.limiter("search").tryAcquire(ALICE.subBucket(1)).limit()),
        TAKEN_AWAY(
                limits -> limits.setRate("search", "alice", 3, LONG),
                limits -> limits.setTerms("search", "alice", before -> Terms.NONE),
                Change::limit),
        OF_AN_ACTION(
                limits -> {},
                limits -> limits.setWeight("search", "alice", 2),
                weir -> weir.limiter("search")
                        .tryAcquire(ALICE.action("export"))
                        .limit()),
        LIMIT_BESIDE_A_POOL(
                limits -> {},
                limits -> limits.setRate("shared", "alice", 1, LONG),
                weir -> weir.limiter("shared").tryAcquire("alice", 2).permitted()),
        BUCKET(
                limits -> limits.createBucket("tenant", 5, 5),
                limits -> limits.updateBucket("tenant", 7, 9),
                weir -> weir.bucket("tenant").tryAcquire(1).limit()),
        NEW_BUCKET(
                limits -> {},
                limits -> limits.createBucket("tenant", 5, 5),
                weir -> weir.bucket("tenant").tryAcquire(1).limit());

        final Consumer<LimitAdmin> first;
        final Consumer<LimitAdmin> then;
        final Function<Weir, Object> shown;

        Change(Consumer<LimitAdmin> first, Consumer<LimitAdmin> then, Function<Weir, Object> shown) {
            this.first = first;
            this.then = then;
            this.shown = shown;
        }

        private static Object limit(Weir weir) {
            return weir.limiter("search").tryAcquire("alice").limit();
        }
    }

    private final List<Weir> instances = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
    }

    @AfterEach
    void close() {
        redis.resume();
        instances.forEach(Weir::close);
        redis.close();
    }

    private Weir open(Store store) {
        // A deadline at which Redis is what says what is expected, on a busy machine, too.
        Weir instance = Weir.builder()
                .store(store)
                .storeDeadline(Duration.ofMillis(500))
                .policies(List.of(SEARCH, SHARED))
                .build();
        instances.add(instance);
        return instance;
    }

    private Store store() {
        return Opened.store(Map.of("weir.redisson.uri", redis.uri()));
    }

    /** The store, which counts how often it has said what is set. */
    private static Store counting(Store store, AtomicInteger said) {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    Object answer = method.invoke(store, arguments);
                    if (method.getName().equals("overrides")) {
                        ((CompletableFuture<?>) answer).thenRun(said::incrementAndGet);
                    }
                    return answer;
                });
    }

    @ParameterizedTest
    @EnumSource
    void change_thenRedisStops_bothInstancesDecideByIt(Change change) {
        AtomicInteger learnt = new AtomicInteger();
        Weir changing = open(store());
        Weir hearing = open(counting(store(), learnt));
        Weir witness = open(store());
        await().until(() -> instances.stream().allMatch(weir -> weir.instances() == 3));
        change.first.accept(changing.limits());
        meet(changing);
        meet(hearing);
        int learntBefore = learnt.get();
        change.then.accept(changing.limits());
        Object expected = change.shown.apply(witness); // As the store says.
        await().until(() -> learnt.get() > learntBefore);

        redis.pause();
        await().until(() -> !changing.storeUp() && !hearing.storeUp());

        assertThat(change.shown.apply(changing))
                .as("the instance that made the change")
                .isEqualTo(expected);
        assertThat(change.shown.apply(hearing))
                .as("an instance that received the announcement")
                .isEqualTo(expected);
    }

    /** The instance has met the client, and what was set first. */
    private static void meet(Weir weir) {
        weir.limiter("search").tryAcquire("alice");
        weir.limiter("shared").tryAcquire("alice");
        weir.limits()
                .findBucket("tenant")
                .ifPresent(rate -> weir.bucket("tenant").tryAcquire(1));
    }
}
