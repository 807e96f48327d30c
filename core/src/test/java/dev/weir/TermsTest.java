package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.LimiterListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose numbers hold, where use counts, and what shadow mode leaves alone. */
class TermsTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Limit TEN = Limit.fixedWindow(10, DAY);
    private static final Limit BUCKET = Limit.tokenBucket(10, DAY, 20);

    private final ConcurrentLinkedQueue<Decision> notified = new ConcurrentLinkedQueue<>();
    private final AtomicInteger draws = new AtomicInteger();
    private Weir weir;

    @AfterEach
    void close() {
        if (weir != null) {
            weir.close();
        }
    }

    @Test
    void tryAcquire_callClientPlanAndPolicy_theNearestWins() {
        RateLimiter search = open(Policy.of("search", TEN)
                .allClients(weight(2))
                .plan("gold", new Terms(Rate.of(100, DAY), 3L, null))
                .client("alice", rate(500))
                .client("bob", weight(5))
                .client("alice", "gold")
                .client("bob", "gold")
                .client("carol", "gold")
                .client("dave", "silver"));

        assertThat(permits(search, Acquisition.of("unknown"))).isEqualTo(20);
        assertThat(permits(search, Acquisition.of("dave")))
                .as("a plan without terms")
                .isEqualTo(20);
        assertThat(permits(search, Acquisition.of("carol"))).isEqualTo(300);
        assertThat(permits(search, Acquisition.of("bob")))
                .as("own weight, plan's rate")
                .isEqualTo(500);
        assertThat(permits(search, Acquisition.of("alice")))
                .as("own rate, plan's weight")
                .isEqualTo(1_500);
        assertThat(permits(search, Acquisition.of("alice").weight(1))).isEqualTo(500);
        assertThat(permits(search, Acquisition.of("alice").limit(7, DAY))).isEqualTo(21);
        assertThat(permits(search, Acquisition.of("alice").limit(7, DAY).weight(1)))
                .isEqualTo(7);
    }

    @Test
    void tryAcquire_weight_multipliesRateAndBurst() {
        RateLimiter search = open(Policy.of("search", BUCKET));

        Limit limit = search.tryAcquire(Acquisition.of("alice").weight(3)).limit();

        assertThat(limit).isEqualTo(Limit.tokenBucket(30, DAY, 60));
    }

    @Test
    void tryAcquire_weightZero_permitsNothingForEver() {
        RateLimiter search = open(Policy.of("search", BUCKET));

        Decision decision = search.tryAcquire(Acquisition.of("alice").weight(0));

        assertThat(decision).isEqualTo(new Rejected("search", BUCKET, 0, 0, Reason.COST_ABOVE_LIMIT, Rejected.NEVER));
        assertThat(search.tryAcquire("alice", 20).permitted()).isTrue();
    }

    /** What was used before is in use still, but there is no limit that could be whole again. */
    @Test
    void tryAcquire_weightZeroAfterUse_saysNoTime() {
        RateLimiter search = open(Policy.of("search", BUCKET));
        search.tryAcquire("alice", 20);

        Decision decision = search.tryAcquire(Acquisition.of("alice").weight(0));

        assertThat(decision).isEqualTo(new Rejected("search", BUCKET, 0, 0, Reason.COST_ABOVE_LIMIT, Rejected.NEVER));
    }

    @Test
    void tryAcquire_weightZeroUnderAMinimum_permitsThat() {
        RateLimiter search = open(Policy.of("search", BUCKET).minimum(2));
        Acquisition weightless = Acquisition.of("alice").weight(0);

        assertThat(search.tryAcquire(weightless).limit()).isEqualTo(Limit.tokenBucket(2, DAY, 2));
        assertThat(search.tryAcquire(weightless).permitted()).isTrue();
        Decision refused = search.tryAcquire(weightless);
        assertThat(refused.reason()).isEqualTo(Reason.LIMIT);
        assertThat(refused.permitted()).isFalse();
        assertThat(search.tryAcquire("alice", 18).permitted()).as("the rest").isTrue();
        assertThat(search.tryAcquire(Acquisition.of("bob").weight(0).cost(3)).reason())
                .as("more than the minimum ever has")
                .isEqualTo(Reason.COST_ABOVE_LIMIT);
    }

    /** The policy, a plan, a client, the call, or an administrator at run time; with a split as without. */
    @Test
    void tryAcquire_weightZeroFromAnySource_hasTheMinimum() {
        RateLimiter search = open(Policy.of("search", TEN)
                .allClients(weight(0))
                .action("pdf", Rate.of(6, DAY))
                .plan("free", weight(0))
                .plan("gold", weight(3))
                .client("bob", weight(0))
                .client("carol", new Terms(Rate.of(50, DAY), 0L, Split.of(50, 50)))
                .client("alice", "free")
                .client("dave", "gold")
                .minimum(4));
        weir.limits().setWeight("search", "dave", 0);

        for (String client : List.of("unknown", "alice", "bob", "dave")) {
            assertThat(permits(search, Acquisition.of(client))).as(client).isEqualTo(4);
        }
        assertThat(permits(search, Acquisition.of("bob").weight(2))).isEqualTo(20);
        assertThat(permits(search, Acquisition.of("bob").action("pdf"))).isEqualTo(4);
        assertThat(permits(search, Acquisition.of("carol").subBucket(1))).isEqualTo(2);
        weir.limits().setWeight("search", "dave", 2);
        assertThat(permits(search, Acquisition.of("dave"))).isEqualTo(20);
    }

    /** A minimum is less than what others get, never more. */
    @Test
    void tryAcquire_minimumAboveTheLimitInForce_isThatLimit() {
        RateLimiter search =
                open(Policy.of("search", Limit.tokenBucket(10, DAY, 5)).minimum(8));
        Acquisition weightless = Acquisition.of("alice").weight(0);

        assertThat(search.tryAcquire(weightless).limit()).isEqualTo(Limit.tokenBucket(8, DAY, 5));
        assertThat(permits(search, weightless.limit(3, DAY))).isEqualTo(3);
    }

    /** Checked when the policy is made, for every rate that it has: no request of a client of weight 0 may fail. */
    @Test
    void policy_minimumThatCannotBeCountedUnderAnotherRate_refused() {
        Duration odd = Duration.ofNanos(7_000_003_000L);
        Policy plain = Policy.of("search", BUCKET).action("pdf", Rate.of(7_000_003L * 1_000_000, odd));

        assertThat(plain.minimum(1_000).terms().minimum()).isEqualTo(1_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain.minimum(7_000_003L * 1_000_000 - 1))
                .withMessageContaining("cannot be counted exactly");
    }

    @Test
    void policy_minimumThatCannotBe_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policy.of("search", BUCKET).minimum(-1))
                .withMessageContaining("minimum must be");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policy.of("search", BUCKET)
                        .in(new Pool("p", Rate.of(10, DAY)))
                        .minimum(1))
                .withMessageContaining("0 beside a pool");
    }

    @Test
    void tryAcquire_otherNumbersInACall_countOnTheSameUse() {
        RateLimiter search = open(Policy.of("search", TEN));
        search.tryAcquire("alice", 8);

        assertThat(search.tryAcquire(Acquisition.of("alice").cost(5).weight(2)).remaining())
                .isEqualTo(7);
        assertThat(search.allow("alice")).isFalse();
    }

    @Test
    void tryAcquire_numbersThatCannotBeCounted_refused() {
        RateLimiter search = open(Policy.of("search", BUCKET));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> search.tryAcquire(Acquisition.of("alice").weight(Limit.EXACT)))
                .withMessageContaining("cannot be counted exactly");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Acquisition.of("alice").weight(-1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Acquisition.of("alice").limit(0, DAY))
                .withMessageContaining("from 1");
    }

    @Test
    void tryAcquire_actionWithNumbers_countsByItself() {
        RateLimiter export = open(Policy.of("export", TEN)
                .action("pdf", Rate.of(2, DAY))
                .client("alice", new Terms(Rate.of(50, DAY), 2L, null)));

        assertThat(export.tryAcquire(Acquisition.of("bob").action("pdf").cost(2))
                        .remaining())
                .isZero();
        assertThat(export.tryAcquire(Acquisition.of("bob").action("pdf")).policy())
                .isEqualTo("export");
        assertThat(export.tryAcquire(Acquisition.of("bob").action("csv")).remaining())
                .as("no numbers of its own: the policy's")
                .isEqualTo(9);
        assertThat(export.tryAcquire("bob").remaining()).isEqualTo(8);
        assertThat(permits(export, Acquisition.of("alice").action("pdf")))
                .as("the client's weight, not its rate")
                .isEqualTo(4);
        assertThat(permits(export, Acquisition.of("alice").action("pdf").limit(6, DAY)))
                .isEqualTo(12);
    }

    @Test
    void tryAcquire_split_drawsASubBucketThatDecidesAlone() {
        RateLimiter search = open(split(50, 30, 20));

        List<Decision> decisions = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            draws.set(part * ((1 << Split.DRAW_BITS) / 3) + 1);
            decisions.add(search.tryAcquire("alice"));
        }

        assertThat(decisions).extracting(Decision::remaining).containsExactly(4L, 2L, 1L);
        assertThat(decisions).extracting(d -> d.subBucket().orElseThrow()).containsExactly(0, 1, 2);
        assertThat(search.tryAcquire("alice", 2).permitted())
                .as("two of the last part's two are not left")
                .isFalse();
    }

    @Test
    void tryAcquire_namedSubBuckets_addUpToTheWhole() {
        RateLimiter search = open(split(50, 30, 20));

        long permitted = IntStream.range(0, 3)
                .mapToLong(part -> IntStream.range(0, 20)
                        .filter(i -> search.tryAcquire(Acquisition.of("alice").subBucket(part))
                                .permitted())
                        .count())
                .sum();

        assertThat(permitted).isEqualTo(10);
    }

    @Test
    void tryAcquire_subBucketOfNothing_permitsNothing() {
        RateLimiter search = open(split(99, 1));

        assertThat(search.tryAcquire(Acquisition.of("alice").subBucket(1)).reason())
                .isEqualTo(Reason.COST_ABOVE_LIMIT);
    }

    @Test
    void tryAcquire_subBucketThatIsNotThere_isAnErrorAndChargesNothing() {
        weir = builder().policy(split(50, 50)).policy(Policy.of("whole", TEN)).build();
        RateLimiter search = weir.limiter("search");
        RateLimiter whole = weir.limiter("whole");

        assertThatExceptionOfType(UnknownSubBucketException.class)
                .isThrownBy(() -> search.tryAcquire(Acquisition.of("alice").subBucket(2)))
                .withMessage(
                        "there is no sub-bucket 2 of policy 'search', which for this client is split into 2: 0 to 1");
        assertThatExceptionOfType(UnknownSubBucketException.class)
                .isThrownBy(() -> whole.tryAcquire(Acquisition.of("alice").subBucket(0)))
                .withMessage("there is no sub-bucket 0 of policy 'whole', which for this client is not split");
        assertThat(search.tryAcquire(Acquisition.of("alice").subBucket(1)).remaining())
                .isEqualTo(4);
        assertThat(whole.tryAcquire("alice").remaining()).isEqualTo(9);
    }

    /** Of several policies, some may be split for this client and some not: that is no mistake of the caller. */
    @Test
    void tryAcquire_policiesTogether_subBucketThatIsNotThere_permitsNothing() {
        RateLimiter search = open(split(50, 50));

        Decisions refused = weir.tryAcquire("alice", List.of(new PolicyCost("search", 1, null, 2, Terms.NONE, false)));

        assertThat(refused.each()).extracting(Decision::reason).containsExactly(Reason.COST_ABOVE_LIMIT);
        assertThat(search.tryAcquire(Acquisition.of("alice").subBucket(0)).remaining())
                .isEqualTo(4);
    }

    @Test
    void policy_actionWhoseNameCouldPassForAnotherKey_refused() {
        for (String action : List.of("", "a:b", "a/b", "a#1", "ä")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Policy.of("search", TEN).action(action, Rate.of(1, DAY)))
                    .withMessageContaining("'" + action + "'");
        }
        weir = builder().build();
    }

    @Test
    void tryAcquire_shadowPolicy_countsAndPermits() {
        RateLimiter search = open(shadow("search"));
        search.tryAcquire("alice", 10);

        Decision decision = search.tryAcquire("alice", 1);

        assertThat(decision).isInstanceOf(Permitted.class);
        assertThat(decision.reason()).isEqualTo(Reason.LIMIT);
        assertThat(notified).extracting(Decision::reason).containsExactly(Reason.OK, Reason.LIMIT);
    }

    @Test
    void tryAcquire_shadowBesideAnother_neitherStopsNorIsStopped() {
        weir = builder().policy(shadow("shadow")).policy(Policy.of("real", TEN)).build();
        List<PolicyCost> both = List.of(new PolicyCost("shadow", 6), new PolicyCost("real", 5));

        Decisions first = weir.tryAcquire("alice", both);
        Decisions second = weir.tryAcquire("alice", both);
        Decisions third = weir.tryAcquire("alice", both);

        assertThat(first.each()).extracting(Decision::policy).containsExactly("shadow", "real");
        assertThat(second.permitted()).isTrue();
        assertThat(second.each()).extracting(Decision::reason).containsExactly(Reason.LIMIT, Reason.OK);
        assertThat(third.each()).extracting(Decision::policy).containsExactly("real");
        assertThat(third.permitted()).isFalse();
        assertThat(weir.limiter("shadow").tryAcquire("alice", 4).reason())
                .as("what it would have refused is not charged")
                .isEqualTo(Reason.OK);
    }

    @Test
    void limits_termsAndAction_areWhatRequestsMeet() {
        Policy policy = Policy.of("search", BUCKET).allClients(weight(2)).action("pdf", Rate.of(3, DAY));
        open(policy);
        Terms split = new Terms(null, 1L, Split.of(99, 1));

        assertThat(policy.limits(Terms.NONE, null)).containsExactly(Optional.of(Limit.tokenBucket(20, DAY, 40)));
        assertThat(policy.limits(rate(5), "pdf")).containsExactly(Optional.of(Limit.tokenBucket(6, DAY)));
        assertThat(policy.limits(rate(5), "csv")).containsExactly(Optional.of(Limit.tokenBucket(10, DAY)));
        assertThat(policy.limits(split, null))
                .containsExactly(Optional.of(Limit.tokenBucket(10, DAY, 20)), Optional.empty());
        assertThat(policy.limits(weight(0), null)).containsExactly(Optional.empty());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> policy.limits(weight(Limit.EXACT), null))
                .withMessageContaining("cannot be counted exactly");
    }

    private RateLimiter open(Policy policy) {
        weir = builder().policy(policy).build();
        return weir.limiter(policy.name());
    }

    private WeirBuilder builder() {
        return Weir.builder().draws(draws::get).listener(new LimiterListener() {
            @Override
            public void onDecision(Decision decision, long cost) {
                notified.add(decision);
            }
        });
    }

    private static Policy split(int... percents) {
        Terms terms = new Terms(null, null, Split.of(percents));
        return Policy.of("search", TEN).allClients(terms);
    }

    private static Policy shadow(String name) {
        return Policy.of(name, TEN).shadow();
    }

    private static Terms weight(long weight) {
        return new Terms(null, weight, null);
    }

    private static Terms rate(long permits) {
        return Terms.rate(Rate.of(permits, DAY));
    }

    private static long permits(RateLimiter limiter, Acquisition request) {
        return limiter.tryAcquire(request).limit().permits();
    }
}
