package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.lease.Leasing;
import dev.weir.limit.Algorithm;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What applications see of a limit whose numbers change: by a rolling update, a reload, at run time, or from one
 * request to the next. However they are mixed, no more is admitted than the largest of them permits. To run it on a
 * store, extend this class. Periods are so long that nothing comes back while a test runs.
 */
public abstract class ChangingNumbersContract {

    private static final String CLIENT = "alice";
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration YEAR = Limit.MAX_PERIOD;
    private static final int STEPS = 600;

    private final List<Weir> weirs = new ArrayList<>();

    /** A store for one more instance: all of one test share what is kept. */
    protected abstract Store store();

    /** Forgets all that is kept. */
    protected abstract void reset();

    /** How many random histories are worth their time. */
    protected abstract int histories();

    @AfterEach
    void close() {
        weirs.forEach(Weir::close);
    }

    private Weir weir(Leasing leasing, Policy... policies) {
        Weir weir = Weir.builder()
                .store(store())
                .leasing(leasing)
                .storeDeadline(Duration.ofSeconds(10))
                .policies(List.of(policies))
                .build();
        weirs.add(weir);
        return weir;
    }

    private static Policy policy(Limit limit) {
        return Policy.of("search", limit);
    }

    private static Policy policy(Limit limit, int... percents) {
        Terms split = new Terms(null, null, Split.of(percents));
        return Policy.of("search", limit).onStoreFailure(OnStoreFailure.REJECT).allClients(split);
    }

    private static long permittedOf(long requests, RateLimiter limiter, Acquisition request) {
        long permitted = 0;
        for (int i = 0; i < requests; i++) {
            permitted += limiter.tryAcquire(request).permitted() ? request.cost() : 0;
        }
        return permitted;
    }

    @ParameterizedTest
    @EnumSource
    void rollingUpdate_fromAThousandADayToTen_neverMoreThanAThousand(Leasing leasing) {
        RateLimiter before =
                weir(leasing, policy(Limit.tokenBucket(1_000, DAY))).limiter("search");
        RateLimiter after = weir(leasing, policy(Limit.tokenBucket(10, DAY))).limiter("search");

        long permitted = 0;
        for (int i = 0; i < 3_000; i++) {
            permitted += (i % 500 == 499 ? after : before).allow(CLIENT) ? 1 : 0;
        }

        assertThat(permitted).isBetween(990L, 1_000L);
    }

    @ParameterizedTest
    @EnumSource
    void numbersOfARequest_anotherPeriod_leaveTheUseOfThePolicyAlone(Algorithm algorithm) throws InterruptedException {
        RateLimiter search = weir(Leasing.FAST, policy(Limit.of(algorithm, Rate.of(100, YEAR))))
                .limiter("search");
        Acquisition plain = Acquisition.of(CLIENT);
        Acquisition other = plain.cost(6).limit(5, Duration.ofMillis(200));

        long permitted = 0;
        for (int round = 0; round < 5; round++) {
            permitted += permittedOf(150, search, plain);
            assertThat(search.tryAcquire(other).permitted()).isFalse();
            TimeUnit.MILLISECONDS.sleep(250); // Longer than the other period.
        }

        assertThat(permitted).isEqualTo(100);
        assertThat(permittedOf(10, search, plain.limit(5, Duration.ofHours(1))))
                .as("on its own use")
                .isEqualTo(5);
    }

    @Test
    void numbersOfRequests_anActionEach_countEachByItself() {
        RateLimiter api =
                weir(Leasing.FAST, policy(Limit.tokenBucket(100, DAY))).limiter("search");
        Acquisition post = Acquisition.of(CLIENT).action("create_post").limit(5, DAY);
        Acquisition read = Acquisition.of(CLIENT).action("read").limit(1_000, Duration.ofSeconds(1));

        long posts = 0;
        for (int i = 0; i < 100; i++) {
            assertThat(api.tryAcquire(read).permitted()).isTrue();
            posts += permittedOf(1, api, post);
        }

        assertThat(posts).isEqualTo(5);
        assertThat(permittedOf(200, api, Acquisition.of(CLIENT)))
                .as("the policy")
                .isEqualTo(100);
    }

    @Test
    void numbersOfARequest_onePeriodInTurn_neverMoreThanTheLarger() {
        RateLimiter search =
                weir(Leasing.FAST, policy(Limit.tokenBucket(7, DAY))).limiter("search");
        Acquisition few = Acquisition.of(CLIENT).limit(10, YEAR);
        Acquisition many = Acquisition.of(CLIENT).limit(100, YEAR);

        long permitted = 0;
        for (int round = 0; round < 5; round++) {
            permitted += permittedOf(50, search, many);
            permitted += permittedOf(50, search, few);
        }

        assertThat(permitted).isEqualTo(100);
    }

    @Test
    void numbersOfARequest_actionThatCannotBeNamed_saidSo() {
        RateLimiter search =
                weir(Leasing.FAST, policy(Limit.tokenBucket(7, DAY))).limiter("search");
        Acquisition request = Acquisition.of(CLIENT).action("a:b");

        assertThat(search.tryAcquire(request).permitted())
                .as("counts on the policy")
                .isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search.tryAcquire(request.limit(5, DAY)))
                .withMessageContaining("but is 'a:b'");
    }

    @Test
    void weightOfARequest_tenBesideOne_neverMoreThanTenTimesTheLimit() {
        RateLimiter search =
                weir(Leasing.FAST, policy(Limit.tokenBucket(100, DAY))).limiter("search");
        Acquisition plain = Acquisition.of(CLIENT);

        long permitted = 0;
        for (int round = 0; round < 5; round++) {
            permitted += permittedOf(1_000, search, plain.weight(10));
            permitted += permittedOf(20, search, plain);
        }

        assertThat(permitted).isEqualTo(1_000);
    }

    @ParameterizedTest
    @EnumSource(names = {"TOKEN_BUCKET", "FIXED_WINDOW", "SLIDING_WINDOW", "SLIDING_LOG"})
    void split_turnedOnChangedAndOff_isNoWayToStartAnew(Algorithm algorithm) {
        Limit limit = Limit.of(algorithm, Rate.of(100, YEAR));
        Weir weir = weir(Leasing.FAST, policy(limit));
        RateLimiter search = weir.limiter("search");
        List<Policy> changes =
                List.of(policy(limit), policy(limit, 50, 50), policy(limit, 25, 25, 25, 25), policy(limit));

        long permitted = 0;
        for (Policy change : changes) {
            weir.reconfigure(List.of(change));
            permitted += permittedOf(400, search, Acquisition.of(CLIENT));
        }

        assertThat(permitted).isEqualTo(100);
    }

    @Test
    void split_thatStays_permitsItsWhole() {
        RateLimiter search = weir(Leasing.FAST, policy(Limit.tokenBucket(100, YEAR), 50, 30, 20))
                .limiter("search");

        long permitted = 0;
        for (int part = 0; part < 3; part++) {
            permitted += permittedOf(60, search, Acquisition.of(CLIENT).subBucket(part));
        }

        assertThat(permitted).isEqualTo(100);
        Decision refused = search.tryAcquire(Acquisition.of(CLIENT).subBucket(1));
        assertThat(refused.limit().permits()).isEqualTo(30);
        assertThat(refused.subBucket()).hasValue(1);
    }

    @Test
    void bucket_deletedAndCreatedAgain_isWhole() {
        Weir weir = weir(Leasing.FAST);
        weir.limits().createBucket("t1", 1, 100);
        assertThat(weir.bucket("t1").tryAcquire(100).permitted()).isTrue();

        weir.limits().deleteBucket("t1");
        weir.limits().createBucket("t1", 1, 100);

        assertThat(weir.bucket("t1").tryAcquire(1).remaining()).isEqualTo(99);
    }

    /** What an action has used of a policy cannot be distinguished from what others have: it stays there. */
    @Test
    void action_getsNumbersOfItsOwn_startsWholeAndLeavesThePolicyItsUse() {
        Limit ten = Limit.tokenBucket(10, DAY);
        Policy own =
                Policy.of("search", ten).onStoreFailure(OnStoreFailure.REJECT).action("post", Rate.of(4, DAY));
        Weir weir = weir(Leasing.FAST, policy(ten));
        RateLimiter search = weir.limiter("search");
        Acquisition post = Acquisition.of(CLIENT).action("post");
        assertThat(permittedOf(6, search, post)).isEqualTo(6);

        weir.reconfigure(List.of(own));

        assertThat(permittedOf(10, search, post)).isEqualTo(4);
        assertThat(permittedOf(10, search, Acquisition.of(CLIENT))).isEqualTo(4);
    }

    /** However their numbers were written: with the same object, too. */
    @Test
    void actions_ofEqualNumbers_areCountedApart() {
        Rate four = Rate.of(4, DAY);
        Policy own = Policy.of("search", Limit.tokenBucket(10, DAY))
                .onStoreFailure(OnStoreFailure.REJECT)
                .action("post", four)
                .action("read", four);
        RateLimiter search = weir(Leasing.FAST, own).limiter("search");

        assertThat(permittedOf(10, search, Acquisition.of(CLIENT).action("post")))
                .isEqualTo(4);
        assertThat(permittedOf(10, search, Acquisition.of(CLIENT).action("read")))
                .isEqualTo(4);
    }

    /** Instances with other numbers, reloads, changes at run time, weights of requests and splits, in any order. */
    @ParameterizedTest
    @EnumSource
    void anyMixture_neverMoreThanTheLargestLimit(Leasing leasing) {
        long seed = ThreadLocalRandom.current().nextLong();
        for (int i = 0; i < histories(); i++) {
            reset();
            List<Weir> instances = List.of(weir(leasing, small()), weir(leasing, small()), weir(leasing, small()));
            History history = new History(instances, new Random(seed + i), i % 2 == 0 ? 1 : 50);
            for (int step = 0; step < STEPS; step++) {
                history.step();
            }
            assertThat(history.permitted).as("seed %d", seed + i).isLessThanOrEqualTo(history.largest);
            instances.forEach(Weir::close);
        }
    }

    private static Policy small() {
        return policy(Limit.tokenBucket(50, YEAR));
    }

    /**
     * What is done to one client, and the largest limit that was ever in force for it. It asks for several times as
     * much. Only large limits are leased.
     */
    private static final class History {

        private final List<Weir> instances;
        private final Random random;
        private final long scale;
        private final long[] configured;
        private long rate;
        private long weight = 1;
        private long largest = 50;
        private long permitted;

        History(List<Weir> instances, Random random, long scale) {
            this.instances = instances;
            this.random = random;
            this.scale = scale;
            this.configured = new long[instances.size()];
            Arrays.fill(configured, 50);
        }

        void step() {
            int index = random.nextInt(instances.size());
            Weir weir = instances.get(index);
            switch (random.nextInt(40)) {
                case 0 -> reload(weir, index);
                case 1 -> {
                    rate = permits();
                    weir.limits().setRate("search", CLIENT, rate, YEAR);
                }
                case 2 -> {
                    weight = 1 + random.nextInt(3);
                    weir.limits().setWeight("search", CLIENT, weight);
                }
                case 3 -> {
                    rate = permits();
                    weir.limits().setSplit("search", CLIENT, rate, 50, 30, 20);
                }
                case 4 -> {
                    rate = 0;
                    weight = 1;
                    weir.limits().setTerms("search", CLIENT, terms -> Terms.NONE);
                }
                default -> request(weir);
            }
            for (long each : configured) {
                largest = Math.max(largest, (rate == 0 ? each : rate) * weight);
            }
        }

        private void reload(Weir weir, int index) {
            configured[index] = permits();
            Limit limit = Limit.tokenBucket(configured[index], YEAR);
            weir.reconfigure(List.of(random.nextBoolean() ? policy(limit) : policy(limit, 40, 60)));
        }

        private long permits() {
            return scale * (random.nextInt(4) == 0 ? 20 + random.nextInt(40) : 1 + random.nextInt(10));
        }

        private void request(Weir weir) {
            long cost = 1 + random.nextInt((int) scale * (random.nextInt(8) == 0 ? 10 : 2));
            Acquisition request = Acquisition.of(CLIENT).cost(cost);
            if (random.nextInt(20) == 0) {
                long heavy = 1 + random.nextInt(4);
                request = request.weight(heavy);
                for (long each : configured) {
                    largest = Math.max(largest, (rate == 0 ? each : rate) * heavy);
                }
            }
            permitted += weir.limiter("search").tryAcquire(request).permitted() ? cost : 0;
        }
    }
}
