package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FaultyStore;
import dev.weir.store.Overrides;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies whose clients share a pool, from the outside. */
class PoolTest {

    /** So slow that nothing comes back during a test. */
    private static final Pool HUNDRED = new Pool("backend", new Rate(100, Duration.ofDays(365), 100));

    private static final Policy SEARCH = Policy.sharing("search", HUNDRED);

    private final List<Weir> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(Weir::close);
    }

    /** Time stands still: what is taken is taken at once. */
    private Weir open(Policy... policies) {
        Weir weir = Weir.builder()
                .store(new MemoryStore(() -> 1_700_000_000_000_000L))
                .policies(List.of(policies))
                .build();
        opened.add(weir);
        return weir;
    }

    /** Takes one permit after the other until it is refused. */
    private static long taken(RateLimiter limiter, String client) {
        return Stream.generate(() -> limiter.allow(client))
                .takeWhile(allowed -> allowed)
                .count();
    }

    @Test
    void tryAcquire_oneClient_leavesAFifthOfTheBurstToOthers() {
        RateLimiter search = open(SEARCH).limiter("search");

        assertThat(taken(search, "alice")).isEqualTo(80);

        Decision refused = search.tryAcquire("alice");
        assertThat(refused.reason()).isEqualTo(Reason.SHARE);
        assertThat(refused.limit()).isEqualTo(HUNDRED.limit());
        assertThat(refused.remaining()).isZero();
        assertThat(((Decision.Rejected) refused).retryAfter()).isPresent();
        assertThat(taken(search, "bob")).isGreaterThan(10);
        assertThat(search.tryAcquire("carol", 50).reason()).isEqualTo(Reason.CAPACITY);
        assertThat(search.tryAcquire("carol", 51).reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
    }

    @Test
    void tryAcquire_underSeveralPolicies_sharesOnePool() {
        Weir weir = open(SEARCH, Policy.sharing("export", HUNDRED));

        assertThat(taken(weir.limiter("search"), "alice")).isEqualTo(80);

        assertThat(weir.limiter("export").tryAcquire("alice").reason()).isEqualTo(Reason.SHARE);
        assertThat(weir.limiter("export").tryAcquire("alice").policy()).isEqualTo("export");
    }

    @Test
    void tryAcquire_besideALimitOfItsOwn_chargesBothOrNone() {
        Limit ten = Limit.tokenBucket(10, Duration.ofDays(365));
        Weir weir = open(SEARCH, Policy.of("export", ten).in(HUNDRED));
        RateLimiter export = weir.limiter("export");

        Decision refused = export.tryAcquire("alice", 11);
        assertThat(refused.reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(export.tryAcquire("alice", 8).remaining()).isEqualTo(2);
        assertThat(export.tryAcquire("alice", 3).reason()).isEqualTo(Reason.LIMIT);
        assertThat(export.tryAcquire("alice", 3).limit()).isEqualTo(ten);

        // 8 are charged, and what was refused is not: of the 92 that are free, a client beside another takes about two
        // thirds.
        assertThat(taken(weir.limiter("search"), "bob")).isEqualTo(62);
    }

    @Test
    void tryAcquire_refusedByThePool_chargesNothingToTheOwnLimit() {
        Policy export =
                Policy.of("export", Limit.tokenBucket(30, Duration.ofDays(365))).in(HUNDRED);
        Weir weir = open(SEARCH, export);
        assertThat(weir.limiter("search").tryAcquire("bob", 50).permitted()).isTrue();
        assertThat(weir.limiter("search").tryAcquire("carol", 40).permitted()).isTrue();

        for (int i = 0; i < 10; i++) {
            assertThat(weir.limiter("export").tryAcquire("alice", 20).reason()).isEqualTo(Reason.CAPACITY);
        }
        // Ten times 20 charged by mistake would leave nothing of her 30; the pool has 10.
        assertThat(weir.limiter("export").tryAcquire("alice", 9).permitted()).isTrue();
    }

    @Test
    void weights_ofPolicyPlanClientRunTimeAndCall_areShares() {
        Policy search = Policy.of("search", HUNDRED.limit())
                .plan("gold", Terms.weight(30))
                .client("carol", Terms.weight(60))
                .client("alice", "gold")
                .in(HUNDRED);
        Weir weir = open(search);
        weir.limits().setWeight("search", "dave", 300);
        assertThat(weight(weir, "alice")).isEqualTo(30);
        assertThat(weight(weir, "carol")).isEqualTo(60);
        assertThat(weight(weir, "dave")).isEqualTo(300);
        assertThat(weight(weir, "unknown")).isEqualTo(1);
        assertThat(taken(weir.limiter("search"), "unknown")).isEqualTo(80);
        // Now beside them: 20 are free, of which each takes as many as four times its share allows.
        assertThat(taken(weir.limiter("search"), "dave")).isEqualTo(16);
        assertThat(weir.limiter("search")
                        .tryAcquire(Acquisition.of("unknown").weight(0))
                        .reason())
                .isEqualTo(Reason.SHARE);
    }

    /** The weight that the client's call is sent with. */
    private static long weight(Weir weir, String client) {
        Policy policy = weir.policy("search");
        Overrides overrides = weir.limits().find(client);
        return new ResolvedLimits(() -> 0)
                .claim(policy, client, overrides, new PolicyCost("search", 1))
                .weight();
    }

    @Test
    void tryAcquire_actionWithNumbers_isTheLimitBesideThePool() {
        Policy search = Policy.of("search", HUNDRED.limit())
                .action("pdf", Rate.of(3, Duration.ofDays(365)))
                .in(HUNDRED);
        RateLimiter limiter = open(search).limiter("search");

        assertThat(limiter.tryAcquire(Acquisition.of("alice").cost(3).action("pdf"))
                        .permitted())
                .isTrue();
        assertThat(limiter.tryAcquire(Acquisition.of("alice").action("pdf")).reason())
                .isEqualTo(Reason.LIMIT);
        assertThat(limiter.tryAcquire(Acquisition.of("alice").action("csv")).permitted())
                .isTrue();
    }

    @Test
    void tryAcquire_policiesWithAndWithoutAPool_limitsFirst() {
        Policy alone = Policy.of("alone", Limit.tokenBucket(2, Duration.ofDays(365)));
        Weir weir = open(alone, SEARCH, Policy.sharing("export", HUNDRED));
        List<PolicyCost> all =
                List.of(new PolicyCost("search", 1), new PolicyCost("alone", 1), new PolicyCost("export", 1));

        assertThat(weir.tryAcquire("alice", all).each())
                .extracting(Decision::policy)
                .containsExactly("search", "alone", "export");
        assertThat(weir.tryAcquire("alice", all).permitted()).isTrue();

        Decisions refused = weir.tryAcquire("alice", all);
        assertThat(refused.each()).extracting(Decision::policy).containsExactly("alone");
        assertThat(refused.each()).extracting(Decision::reason).containsExactly(Reason.LIMIT);
        assertThat(taken(weir.limiter("search"), "alice"))
                .as("80 less two times two")
                .isEqualTo(76);
    }

    /** Like 'search' it has 100, but of its own: a client that finds nothing there has taken nothing here. */
    @Test
    void tryAcquire_secondPoolRefuses_firstIsGivenBack() {
        Pool small = new Pool("small", new Rate(10, Duration.ofDays(365), 10));
        Weir weir = open(SEARCH, Policy.sharing("export", small));
        weir.limits().createBucket("tenant", 1_000, 1_000);
        List<PolicyCost> both = List.of(new PolicyCost("search", 10), new PolicyCost("export", 1));
        assertThat(taken(weir.limiter("export"), "alice")).isEqualTo(8);

        for (int i = 0; i < 100; i++) {
            Decisions refused = weir.tryAcquire("alice", both);
            assertThat(refused.each()).extracting(Decision::policy).containsExactly("export");
            assertThat(weir.tryAcquire("alice", both, List.of(new BucketCost("tenant", 10)))
                            .permitted())
                    .isFalse();
            assertThat(weir.tryAcquire("bob", List.of(both.get(0)), List.of(new BucketCost("tenant", 2_000)))
                            .permitted())
                    .isFalse();
        }

        assertThat(taken(weir.limiter("search"), "alice")).isEqualTo(80);
        assertThat(weir.bucket("tenant").tryAcquire(1_000).permitted()).isTrue();
    }

    @Test
    void tryAcquire_shadowPolicy_permitsWhatThePoolRefuses() {
        Policy shadow = Policy.of("search", HUNDRED.limit()).shadow().in(HUNDRED);
        RateLimiter search = open(shadow).limiter("search");
        for (int i = 0; i < 80; i++) {
            assertThat(search.tryAcquire("alice").reason()).isEqualTo(Reason.OK);
        }

        assertThat(search.tryAcquire("alice").permitted()).isTrue();
        assertThat(search.tryAcquire("alice").reason()).isEqualTo(Reason.SHARE);
    }

    @Test
    void reconfigure_anotherRate_keepsWhatIsUsed() {
        Weir weir = open(SEARCH);
        assertThat(taken(weir.limiter("search"), "alice")).isEqualTo(80);

        Pool larger = new Pool("backend", new Rate(200, Duration.ofDays(365), 200));
        weir.reconfigure(List.of(Policy.sharing("search", larger)));

        assertThat(taken(weir.limiter("search"), "alice")).isEqualTo(80);
    }

    @Test
    void policies_withAPoolOfOneNameAndOtherNumbers_areRefused() {
        Pool other = new Pool("backend", new Rate(99, Duration.ofDays(365), 100));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(SEARCH, Policy.sharing("export", other)))
                .withMessageContaining("pool 'backend'")
                .withMessageContaining("burst 100")
                .withMessageContaining("99 per");
    }

    /** A store of its own cannot return with a pool's decision what is set for a client: it is asked now and then. */
    @Test
    void setWeight_whereTheStoreIsShared_holdsAfterHalfASecond() {
        FaultyStore store = new FaultyStore();
        Weir weir = Weir.builder().store(store).policy(SEARCH).build();
        opened.add(weir);
        Acquisition heavy = Acquisition.of("alice").weight(1_000);
        for (int i = 0; i < 80; i++) {
            assertThat(weir.limiter("search").tryAcquire(heavy).permitted()).isTrue();
        }
        long asked = store.questions.get();
        for (int i = 0; i < 100; i++) {
            weir.limiter("search").tryAcquire(heavy);
        }
        assertThat(store.questions.get() - asked)
                .as("one question each, and hardly one more")
                .isBetween(100L, 105L);

        assertThat(taken(weir.limiter("search"), "bob")).isBetween(1L, 3L);
        assertThat(weir.limiter("search").tryAcquire("bob").reason()).isEqualTo(Reason.SHARE);
        weir.limits().setWeight("search", "bob", 1_000_000);

        await().untilAsserted(
                        () -> assertThat(taken(weir.limiter("search"), "bob")).isGreaterThan(0));
    }

    @Test
    void timestampOrSplit_inAPool_isRefusedWithTheReason() {
        Weir weir = open(SEARCH);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.limiter("search")
                        .tryAcquire(Acquisition.of("alice").at(Instant.now())))
                .withMessageContaining("'search'")
                .withMessageContaining("'backend'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.limits().setSplit("search", "alice", 100, 50, 50))
                .withMessage("policy 'search' shares pool 'backend': a limit beside a pool cannot be split");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.limiter("search")
                        .tryAcquire(Acquisition.of("alice").subBucket(0)))
                .withMessageContaining("no sub-bucket 0 of policy 'search'")
                .withMessageContaining("not split");
        assertThat(taken(weir.limiter("search"), "alice"))
                .as("nothing was charged")
                .isEqualTo(80);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.limits().setWeight("search", "alice", -1))
                .withMessageContaining("weight must be a whole number from 0")
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.limits().setWeight("search", "alice", Pool.MAX_WEIGHT + 1))
                .withMessage("a weight in a pool must be a whole number from 0 to 1000000, but is 1000001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a:b", "a b", "a{b}"})
    void name_thatIsNone_isAnError(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Pool(name, HUNDRED.limit()))
                .withMessageContaining("a pool's name");
    }

    @Test
    void burst_outOfItsRange_isAnError() {
        for (long burst : new long[] {1, Pool.MAX_BURST + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Pool("p", new Rate(1, Duration.ofSeconds(1), burst)))
                    .withMessage("a pool's burst must be from 2, twice the smallest cost, to 1099511627776, but is "
                            + burst);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Pool("p", new Rate(3, Duration.ofDays(366), Pool.MAX_BURST)))
                .withMessageContaining("cannot be counted exactly");
        assertThat(new Pool("p", new Rate(1, Duration.ofSeconds(1), 3)).largestCost())
                .isEqualTo(1);
    }
}
