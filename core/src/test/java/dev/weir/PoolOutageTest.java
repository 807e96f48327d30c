package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The clients of a pool on three instances, whose store goes and comes, on virtual time: over the whole run they are
 * together admitted what the pool admits.
 */
class PoolOutageTest {

    private static final int INSTANCES = 3;
    private static final long PER_SECOND = 500;
    private static final long BURST = 150;
    private static final Pool POOL = new Pool("backend", new Rate(PER_SECOND, Duration.ofSeconds(1), BURST));
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int CLIENTS = 12;

    private final Random random = new Random(7);
    private final InUse inUse = new InUse(PER_SECOND);
    private FarInstances shared;
    private VirtualScheduler time;
    private long permitted;

    private void open(Leasing leasing, Policy... policies) {
        shared = FarInstances.open(INSTANCES, random, leasing, policies);
        time = shared.time();
    }

    @AfterEach
    void close() {
        shared.close();
    }

    /** Many more requests than the pool permits, of any client. */
    private void hammer(long millis, IntUnaryOperator instanceOf) {
        long endNanos = time.nanoTime() + millis * MILLI;
        while (time.nanoTime() < endNanos) {
            time.advance(random.nextInt(600_000));
            int client = random.nextInt(CLIENTS);
            if (allow(instanceOf.applyAsInt(client), client)) {
                inUse.admitted(time.nanoTime());
                permitted++;
            }
        }
    }

    private boolean allow(int instance, int client) {
        return shared.weirs().get(instance).limiter("search").allow("client-" + client);
    }

    private int any(int client) {
        return random.nextInt(INSTANCES);
    }

    /** What may be in use above the burst: as of one client, see OutageTest. */
    private static final long NOT_YET_CHARGED = BURST / INSTANCES;

    @ParameterizedTest
    @EnumSource
    void storeThatStutters_admitsWhatThePoolAdmits(Leasing leasing) {
        open(leasing, Policy.sharing("search", POOL));
        stutter(this::any);
    }

    /** Each instance knows what its own clients have taken, and from the store's answers what the others have. */
    @ParameterizedTest
    @EnumSource
    void storeThatStutters_allRequestsOnOneInstanceWhileItIsThere_admitsWhatThePoolAdmits(Leasing leasing) {
        open(leasing, Policy.sharing("search", POOL));
        stutter(client -> shared.networks().get(0).isCut || random.nextInt(50) == 0 ? any(client) : 0);
    }

    private void stutter(IntUnaryOperator instanceOf) {
        long startNanos = time.nanoTime();
        hammer(2_000, instanceOf);
        for (int i = 0; i < 20; i++) {
            shared.cut(true);
            hammer(500, instanceOf);
            shared.cut(false);
            hammer(500, instanceOf);
        }
        double seconds = (time.nanoTime() - startNanos) / 1e9;
        double bound = BURST + PER_SECOND * seconds;
        assertThat((double) permitted).as("most in use: %.0f", inUse.most()).isBetween(0.85 * bound, 1.02 * bound);
        assertThat(inUse.most()).isLessThan(BURST + NOT_YET_CHARGED);
    }

    /**
     * What has drained is not charged: after a long outage the pool serves at once, at its rate but for what is charged
     * too much.
     */
    @Test
    void outageOfThirtySeconds_servedAtItsRateAtOnce() {
        open(Leasing.OFF, Policy.sharing("search", POOL));
        hammer(2_000, this::any);
        shared.cut(true);
        hammer(30_000, this::any);
        shared.cut(false);
        long before = permitted;
        hammer(1_000, this::any);

        assertThat(permitted - before).isBetween(PER_SECOND - BURST / 2, PER_SECOND + BURST);
        assertThat(inUse.most()).isLessThan(BURST + NOT_YET_CHARGED);
    }

    /** Of parts that were empty too much is charged: by a burst at most. */
    @Test
    void outageOfThirtySeconds_poolWasIdle_missesABurstAtMost() {
        open(Leasing.OFF, Policy.sharing("search", POOL));
        shared.cut(true);
        hammer(30_000, this::any);
        shared.cut(false);
        long before = permitted;
        hammer(1_000, this::any);

        assertThat(permitted - before).isBetween(PER_SECOND - BURST, PER_SECOND);
        assertThat(inUse.most()).isLessThan(BURST + NOT_YET_CHARGED);
    }

    /**
     * As in the demo: greedy clients of weight 1 and 3, and a polite one of weight 1. Parts of two permits are too
     * small for shares by weight.
     */
    @ParameterizedTest
    @CsvSource({"5, 1.55, 1.85", "25, 2.8, 3.2", "50, 2.8, 3.2"})
    void outage_partsAreSharedByWeight_unlessTheyAreVerySmall(long burst, double least, double most) throws Exception {
        open(Leasing.OFF, Policy.sharing("search", new Pool("backend", new Rate(50, Duration.ofSeconds(1), burst))));
        shared.weirs().get(0).limits().setWeight("search", "carol", 3);
        atRandom(5_000);
        shared.cut(true);
        atRandom(5_000);

        Map<String, Integer> admitted = atRandom(60_000);

        assertThat(admitted.get("carol") / (double) admitted.get("bob")).isBetween(least, most);
    }

    private Map<String, Integer> atRandom(long millis) {
        Map<String, Integer> perSecond = new TreeMap<>(Map.of("alice", 8, "bob", 30, "carol", 45));
        Map<String, Integer> admitted = new TreeMap<>();
        for (int i = 0; i < millis; i++) {
            time.advance(MILLI);
            perSecond.forEach((client, rate) -> {
                RateLimiter limiter =
                        shared.weirs().get(random.nextInt(INSTANCES)).limiter("search");
                if (random.nextInt(1_000) < rate && limiter.allow(client)) {
                    admitted.merge(client, 1, Integer::sum);
                }
            });
        }
        return admitted;
    }

    /** No client of it comes back. */
    @Test
    void outage_chargedInTheBackground() {
        Pool slow = new Pool("backend", new Rate(900, Duration.ofDays(1), 900));
        open(Leasing.OFF, Policy.sharing("search", slow));
        shared.cut(true);
        time.advance(1_000 * MILLI);
        for (int i = 0; i < 60; i++) {
            assertThat(allow(i % INSTANCES, i % CLIENTS)).isTrue();
        }
        shared.cut(false);
        time.advance(2_000 * MILLI);

        assertThat(leftOf(slow)).isEqualTo(900 - 60);
        assertThat(allow(0, 0)).as("and once").isTrue();
        assertThat(leftOf(slow)).isEqualTo(900 - 61);
    }

    /** The pool and the limit beside it, each what it lacks. */
    @Test
    void outage_limitBesideThePool_isOwedAsWell() {
        Pool slow = new Pool("backend", new Rate(900, Duration.ofDays(1), 900));
        Limit own = Limit.tokenBucket(90, Duration.ofDays(1));
        open(Leasing.OFF, Policy.of("search", own).in(slow));
        shared.cut(true);
        time.advance(1_000 * MILLI);
        for (int i = 0; i < 20; i++) {
            assertThat(allow(0, 0)).isTrue();
        }
        shared.cut(false);
        time.advance(2_000 * MILLI);

        assertThat(leftOf(slow)).isEqualTo(900 - 20);
        assertThat(shared.weirs()
                        .get(1)
                        .limiter("search")
                        .tryAcquire("client-0")
                        .remaining())
                .isEqualTo(90 - 21);
    }

    /** What is leased keeps a pool from being empty, and does not make it full. */
    @ParameterizedTest
    @EnumSource
    void outage_poolThatIsHardlyUsed_servesAtOnce(Leasing leasing) {
        Pool large = new Pool("backend", new Rate(10_000, Duration.ofSeconds(1), 1_000));
        open(leasing, Policy.sharing("search", large));
        for (int i = 0; i < 1_000; i++) {
            time.advance(MILLI);
            assertThat(allow(0, 0)).isTrue();
        }
        shared.cut(true);

        for (int i = 0; i < 1_500; i++) {
            time.advance(2 * MILLI);
            assertThat(allow(0, 0)).as("request %d, every 2 ms", i).isTrue();
        }
    }

    /** A request that another limit refuses is given back, here and of what is owed. */
    @Test
    void outage_requestGivenBack_isNotOwed() {
        Pool slow = new Pool("backend", new Rate(900, Duration.ofDays(1), 900));
        Limit larger = Limit.tokenBucket(600, Duration.ofDays(1));
        open(Leasing.OFF, Policy.sharing("search", slow), Policy.of("larger", larger));
        Weir weir = shared.weirs().get(0);
        shared.cut(true);
        time.advance(1_000 * MILLI);
        assertThat(weir.limiter("larger")
                        .tryAcquire("client-0", 600 / INSTANCES)
                        .permitted())
                .isTrue();
        for (int i = 0; i < 20; i++) {
            assertThat(weir.tryAcquire("client-0", List.of(new PolicyCost("search", 1), new PolicyCost("larger", 1)))
                            .permitted())
                    .isFalse();
        }
        shared.cut(false);
        time.advance(2_000 * MILLI);

        assertThat(leftOf(slow)).isEqualTo(900);
    }

    /** What is left of a pool at the store, for a client that has nothing in it. */
    private long leftOf(Pool pool) {
        StoreRequest never =
                StoreRequest.of("newcomer", List.of(new Share(pool, 1).charge("search", null, pool.largestCost() + 1)));
        var decision =
                ((StoreReply.Decided) shared.memory().decide(never)).decisions().get(0);
        assertThat(decision.reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        long micros = decision.resetAfterMicros();
        return pool.limit().capacity()
                - pool.limit()
                        .emptyAfter(micros, time.clock().nowMicros())
                        .permitsUsed(time.clock().nowMicros());
    }
}
