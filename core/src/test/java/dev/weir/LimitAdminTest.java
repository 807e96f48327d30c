package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Overrides;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two instances on one store: what one changes holds for the other from its next call of the store on. */
class LimitAdminTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Policy SEARCH = Policy.of("search", Limit.fixedWindow(10, DAY))
            .action("pdf", Rate.of(4, DAY))
            .plan("gold", Terms.rate(Rate.of(1_000, DAY)))
            .client("carol", Terms.rate(Rate.of(30, DAY)));

    private final MemoryStore store = new MemoryStore();
    private final Weir one = Weir.builder().store(store).policy(SEARCH).build();
    private final Weir other = Weir.builder().store(store).policy(SEARCH).build();
    private final LimitAdmin limits = one.limits();
    private final RateLimiter search = other.limiter("search");

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    @Test
    void setRate_ofAClient_holdsAtOnceElsewhereAndKeepsUse() {
        search.tryAcquire("alice", 8);

        limits.setRate("search", "alice", 20, DAY);

        assertThat(search.tryAcquire("alice", 1).remaining()).isEqualTo(11);
        assertThat(search.tryAcquire("bob", 1).remaining()).isEqualTo(9);
        limits.setRate("search", "alice", 5, DAY);
        assertThat(search.allow("alice")).isFalse();
    }

    @Test
    void setWeight_ofAClient_multipliesWhateverElseHolds() {
        limits.setWeight("search", "alice", 3);
        limits.setWeight("search", "carol", 2);

        assertThat(permits("alice")).isEqualTo(30);
        assertThat(permits("carol")).isEqualTo(60);
        limits.setRate("search", "alice", 7, DAY);
        assertThat(permits("alice")).isEqualTo(21);
        assertThat(search.tryAcquire(Acquisition.of("alice").action("pdf"))
                        .limit()
                        .permits())
                .isEqualTo(12);
    }

    @Test
    void setPlan_ofAClient_holdsWhereThePolicyKnowsIt() {
        limits.setPlan("alice", "gold");
        assertThat(permits("alice")).isEqualTo(1_000);

        limits.setRate("search", "alice", 7, DAY);
        assertThat(permits("alice")).as("a rate of her own wins").isEqualTo(7);
        limits.setTerms("search", "alice", terms -> Terms.NONE);
        assertThat(permits("alice")).isEqualTo(1_000);
        limits.setPlan("alice", null);
        assertThat(permits("alice")).isEqualTo(10);
        assertThat(limits.find("alice")).isEqualTo(Overrides.NONE);
    }

    @Test
    void setSplit_ofAClient_dividesItsTotal() {
        limits.setSplit("search", "alice", 100, 50, 30, 20);

        assertThat(search.tryAcquire(Acquisition.of("alice").subBucket(0))
                        .limit()
                        .permits())
                .isEqualTo(50);
        assertThat(search.tryAcquire(Acquisition.of("alice").subBucket(1))
                        .limit()
                        .permits())
                .isEqualTo(30);
        assertThat(search.tryAcquire(Acquisition.of("alice").subBucket(2)).remaining())
                .isEqualTo(19);
        assertThat(search.tryAcquire("alice").subBucket()).isPresent();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.setSplit("search", "alice", 100, 50, 30))
                .withMessageContaining("add up to 100");
    }

    @Test
    void bucket_createdUpdatedDeleted_isAskedElsewhere() {
        limits.createBucket("tenant-7", 1, 5);
        Bucket bucket = other.bucket("tenant-7");

        assertThat(bucket.tryAcquire(3).remaining()).isEqualTo(2);
        limits.updateBucket("tenant-7", 1, 10);
        assertThat(bucket.tryAcquire(1).remaining()).isEqualTo(6);
        assertThat(limits.findBucket("tenant-7")).contains(new Rate(1, Duration.ofSeconds(1), 10));

        limits.deleteBucket("tenant-7");
        assertThatExceptionOfType(UnknownBucketException.class)
                .isThrownBy(bucket::allow)
                .withMessageContaining("tenant-7");
        assertThat(limits.findBucket("tenant-7")).isEmpty();
        limits.createBucket("tenant-7", 1, 10);
        assertThat(bucket.tryAcquire(10).permitted())
                .as("nothing of the bucket before is used")
                .isTrue();
    }

    @Test
    void bucket_createdTwiceOrMissing_saysSo() {
        limits.createBucket("a", 1, 1);

        assertThatExceptionOfType(BucketExistsException.class)
                .isThrownBy(() -> other.limits().createBucket("a", 2, 2))
                .withMessageContaining("'a'");
        assertThatExceptionOfType(UnknownBucketException.class).isThrownBy(() -> limits.updateBucket("b", 1, 1));
        assertThatExceptionOfType(UnknownBucketException.class).isThrownBy(() -> limits.deleteBucket("b"));
        assertThatExceptionOfType(UnknownBucketException.class)
                .isThrownBy(() -> one.bucket("b").allow());
        assertThat(limits.findBucket("a").orElseThrow().permits()).isEqualTo(1);
    }

    @Test
    void set_badNumbers_refusedAndNothingChanged() {
        limits.setWeight("search", "alice", 2);

        assertThatIllegalArgumentException().isThrownBy(() -> limits.setWeight("search", "alice", -1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.setWeight("search", "alice", Limit.EXACT))
                .withMessageContaining("cannot be counted exactly");
        assertThatIllegalArgumentException().isThrownBy(() -> limits.setRate("search", "alice", 0, DAY));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.setRate("search", "", 1, DAY));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.setPlan("alice", "silver"));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.createBucket("b", 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.list(Subject.Kind.CLIENT, "", 0));
        assertThatExceptionOfType(UnknownPolicyException.class)
                .isThrownBy(() -> limits.setWeight("serach", "alice", 1));
        assertThat(permits("alice")).isEqualTo(20);
    }

    /** An instance that was not notified of a split must not take a sub-bucket for a mistake. */
    @Test
    void setSplit_ofWhichTheOtherIsNotNotified_itsSubBucketsAreThere() {
        assertThatExceptionOfType(UnknownSubBucketException.class)
                .isThrownBy(() -> search.tryAcquire(Acquisition.of("alice").subBucket(1)));

        limits.setSplit("search", "alice", 100, 50, 30, 20);

        assertThat(search.tryAcquire(Acquisition.of("alice").subBucket(1)).remaining())
                .isEqualTo(29);
        limits.setSplit("search", "alice", 100, 100);
        assertThatExceptionOfType(UnknownSubBucketException.class)
                .isThrownBy(() -> search.tryAcquire(Acquisition.of("alice").subBucket(1)))
                .withMessageContaining("'search'")
                .withMessageContaining("split into 1: 0 to 0");
    }

    @Test
    void reload_overridesNoLongerFit_decidedWithoutThem() {
        limits.setRate("search", "alice", 20_000, DAY);
        limits.setWeight("search", "bob", 3_000);
        limits.setRate("search", "mallory", 20_000, DAY);
        limits.setWeight("search", "mallory", 0);
        limits.setSplit("search", "dave", 20_000, 50, 50);

        other.reconfigure(List.of(Policy.of("search", Limit.slidingLog(10, DAY))));

        assertThat(permits("alice")).as("too many for a log").isEqualTo(10);
        assertThat(permits("bob")).as("too heavy for a log").isEqualTo(10);
        assertThat(search.allow("mallory")).as("a blocked client stays blocked").isFalse();
        assertThat(search.tryAcquire(Acquisition.of("dave").subBucket(1))
                        .limit()
                        .permits())
                .as("the split is kept")
                .isEqualTo(5);
        assertThatIllegalArgumentException()
                .as("the call's own numbers")
                .isThrownBy(() -> search.tryAcquire(Acquisition.of("carol").weight(Limit.EXACT)));
    }

    @Test
    void reload_overridesNoLongerFit_saidOnceForEachClientAndReload() {
        limits.setRate("search", "alice", 20_000, DAY);
        limits.setWeight("search", "b\nb", 3_000);
        List<Policy> logs =
                List.of(Policy.of("search", Limit.slidingLog(10, DAY)).action("pdf", Rate.of(4, DAY)));
        List<String> lines = new CopyOnWriteArrayList<>();
        Handler handler = handler(lines);
        Logger logger = Logger.getLogger("dev.weir");
        logger.addHandler(handler);
        try {
            other.reconfigure(logs);
            for (int i = 0; i < 5; i++) {
                permits("alice");
                permits("b\nb");
                permits("carol");
            }
            assertThat(lines)
                    .containsExactly(
                            "WARNING policy 'search', client 'alice': limit 20000 per PT24H, set at run time, is left out: "
                                    + why(() -> Limit.slidingLog(20_000, DAY)),
                            "WARNING policy 'search', client 'b?b': weight 3000, set at run time, is left out: "
                                    + why(() -> Limit.slidingLog(30_000, DAY)));

            other.reconfigure(logs);
            permits("alice");
            assertThat(lines).hasSize(3);
            for (int i = 0; i < 200; i++) {
                limits.setRate("search", "client " + i, 20_000, DAY);
                permits("client " + i);
            }
            assertThat(lines).hasSize(2 + 100);
        } finally {
            logger.removeHandler(handler);
        }
    }

    private static String why(Runnable refused) {
        try {
            refused.run();
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
        throw new AssertionError("not refused");
    }

    private static Handler handler(List<String> lines) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getLevel() + " " + new SimpleFormatter().formatMessage(line));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    /**
     * The minimum of the new policy cannot be counted at the client's rate: the rate is left out, and not the weight.
     */
    @Test
    void reload_rateOfAClientOfWeightZeroNoLongerFits_theWeightStays() {
        Rate odd = Rate.of(7_000_003L * 1_000_000, Duration.ofNanos(7_000_003_000L));
        limits.setTerms("search", "mallory", none -> new Terms(odd, 0L, null));

        other.reconfigure(List.of(
                Policy.of("search", Limit.tokenBucket(10_000_000_000_000L, DAY)).minimum(7_000_000_000_000L)));

        assertThat(permits("mallory")).isEqualTo(7_000_000_000_000L);
    }

    /** Without it, each has the plan that is configured for it. */
    @Test
    void reload_planOfTwoClientsNoLongerFits_eachHasItsOwn() {
        limits.setPlan("ann", "gold");
        limits.setPlan("ben", "gold");

        other.reconfigure(List.of(Policy.of("search", Limit.slidingLog(10, DAY))
                .plan("gold", Terms.rate(Rate.of(20_000, DAY)))
                .plan("silver", Terms.weight(5))
                .plan("bronze", Terms.weight(2))
                .client("ann", "silver")
                .client("ben", "bronze")));

        for (int i = 0; i < 3; i++) {
            assertThat(permits("ann")).isEqualTo(50);
            assertThat(permits("ben")).isEqualTo(20);
        }
    }

    @Test
    void leftOut_ofAnAction_loggedToo() {
        limits.setWeight("search", "alice", 3_000);
        Policy log = Policy.of("search", Limit.slidingLog(1, DAY)).action("pdf", Rate.of(4, DAY));

        assertThat(OverrideCheck.leftOut(log, "alice", limits.find("alice")))
                .hasValueSatisfying(why -> assertThat(why).startsWith("weight 3000"));
        assertThat(limits.leftOut("search", "alice", limits.find("alice"))).isEmpty();
        assertThat(OverrideCheck.leftOut(log, "bob", Overrides.NONE)).isEmpty();
    }

    @Test
    void change_planAndTermsUnderSeveralPolicies_allOrNothing() {
        Policy export = Policy.of("export", Limit.fixedWindow(5, DAY));
        one.reconfigure(List.of(SEARCH, export));

        limits.change(
                "alice",
                before ->
                        before.withPlan("gold").with("search", Terms.weight(2)).with("export", Terms.weight(3)));

        Overrides set = limits.find("alice");
        assertThat(set.plan()).isEqualTo("gold");
        assertThat(set.terms().keySet()).containsExactlyInAnyOrder("search", "export");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.change(
                        "alice", before -> before.withPlan("silver").with("search", Terms.NONE)))
                .withMessageContaining("'silver'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.change(
                        "alice", before -> before.withPlan(null).with("export", Terms.weight(Limit.EXACT))))
                .withMessageContaining("cannot be counted exactly");
        assertThatExceptionOfType(UnknownPolicyException.class)
                .isThrownBy(() ->
                        limits.change("alice", before -> before.withPlan(null).with("serach", Terms.weight(1))));
        assertThat(limits.find("alice")).isEqualTo(set);
    }

    @Test
    void setTerms_policyIsGone_canOnlyBeTakenAway() {
        limits.setWeight("search", "alice", 2);
        one.reconfigure(List.of(Policy.of("export", Limit.fixedWindow(5, DAY))));

        assertThatExceptionOfType(UnknownPolicyException.class)
                .isThrownBy(() -> limits.setWeight("search", "alice", 3));
        limits.setWeight("export", "alice", 4); // What is left of the other does not hinder.
        limits.setTerms("search", "alice", before -> Terms.NONE);

        assertThat(limits.find("alice").terms().keySet()).containsExactly("export");
        assertThatExceptionOfType(UnknownPolicyException.class)
                .isThrownBy(() -> limits.setTerms("search", "alice", before -> Terms.NONE));
    }

    @Test
    void setPlan_weightTooHeavyForIt_decidedWithoutTheWeight() {
        limits.setWeight("search", "alice", Limit.EXACT / 100);
        assertThat(permits("alice")).isEqualTo(Limit.EXACT / 100 * 10);

        limits.setPlan("alice", "gold");

        assertThat(permits("alice")).isEqualTo(1_000);
    }

    @Test
    void reload_withoutThePolicyOrThePlan_theRestHolds() {
        limits.setWeight("search", "alice", 2);
        limits.setPlan("alice", "gold");

        other.reconfigure(List.of(
                Policy.of("export", Limit.fixedWindow(7, DAY)), Policy.of("search", Limit.fixedWindow(5, DAY))));

        assertThat(other.limiter("export").tryAcquire("alice").limit().permits())
                .isEqualTo(7);
        assertThat(permits("alice")).as("the plan is not known, the weight is").isEqualTo(10);
    }

    @Test
    void setSplit_partsThatCannotBeCounted_refused() {
        Limit whole = Limit.tokenBucket(1, Duration.ofNanos(7_000_003_000L));
        one.reconfigure(List.of(Policy.of("search", whole)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.setSplit("search", "alice", 7_000_003L * 1_000_000_001, 33, 67));
        assertThat(limits.find("alice")).isEqualTo(Overrides.NONE);
    }

    @Test
    void find_idTooLong_refused() {
        String tooLong = "x".repeat(Names.MAX_ID_BYTES + 1);

        assertThatIllegalArgumentException().isThrownBy(() -> limits.find(tooLong));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.findBucket(tooLong));
        assertThatIllegalArgumentException().isThrownBy(() -> one.bucket(tooLong));
        assertThatIllegalArgumentException().isThrownBy(() -> limits.createBucket(tooLong, 1, 1));
    }

    @Test
    void bucket_numbersThatCannotBeCounted_unknownUntilItIsSetAgain() {
        Rate tooMuch = new Rate(Limit.EXACT, Limit.MAX_PERIOD, Limit.EXACT);
        store.replace(
                        Subject.bucket("b"),
                        Overrides.NO_VERSION,
                        Overrides.NONE.with(Overrides.BUCKET, new Terms(tooMuch, 3L, null)))
                .join();
        Bucket bucket = other.bucket("b");

        assertThatExceptionOfType(UnknownBucketException.class).isThrownBy(bucket::allow);
        limits.updateBucket("b", 1, 5);
        assertThat(bucket.tryAcquire(2).remaining()).isEqualTo(3);
    }

    @Test
    void change_hundredsWhileRequestsRun_noneLostNoDecisionWrong() throws Exception {
        limits.setSplit("search", "alice", 1_000, 50, 50);
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                asking.add(threads.submit(() -> {
                    while (!over.get()) {
                        Decision decision = search.tryAcquire("alice");
                        assertThat(decision.subBucket()).isPresent();
                        assertThat(decision.limit().permits())
                                .as("half of 1,000 to 1,099")
                                .isBetween(500L, 550L);
                    }
                }));
            }
            List<Future<?>> changing = new ArrayList<>();
            for (Weir weir : List.of(one, other)) {
                changing.add(threads.submit(() -> {
                    for (int i = 1; i <= 500; i++) {
                        weir.limits().setSplit("search", "alice", 1_000 + i % 100, 50, 50);
                        weir.limits().setPlan("alice", i % 2 == 0 ? null : "gold");
                    }
                }));
            }
            for (Future<?> changes : changing) {
                changes.get(30, TimeUnit.SECONDS);
            }
            over.set(true);
            for (Future<?> requests : asking) {
                requests.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(search.tryAcquire(Acquisition.of("alice").subBucket(0))
                        .limit()
                        .permits())
                .isEqualTo(500);
        assertThat(limits.find("alice").plan()).isNull();
    }

    private long permits(String client) {
        return search.tryAcquire(client).limit().permits();
    }
}
