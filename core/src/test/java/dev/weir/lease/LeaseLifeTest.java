package dev.weir.lease;

import static dev.weir.lease.LeaseTest.CLIENT;
import static dev.weir.lease.LeaseTest.NOW;
import static dev.weir.lease.LeaseTest.asked;
import static dev.weir.lease.LeaseTest.granted;
import static dev.weir.lease.LeaseTest.leased;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.HeldPermits.Spent;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.Overrides;
import dev.weir.store.StoreReply;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a lease begins, changes hands and ends. It is one of 20 permits for a second, of which 0.8 are used. */
class LeaseLifeTest {

    private static final Limit LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(10));
    private static final Grant GRANT = new Grant(20, 7, 1_000_000);
    private static final LeaseBasis BASIS = new LeaseBasis(LIMIT, null, Overrides.NO_VERSION);
    private static final LeaseBasis OTHER =
            new LeaseBasis(Limit.tokenBucket(500, Duration.ofSeconds(10)), null, Overrides.NO_VERSION);
    private static final long MOST = 100;

    private final Lease lease = leased(NOW);

    private static long after(long millis) {
        return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static LeaseUse use(long decisions, long cost, long returned, long expired, long calls) {
        return new LeaseUse(decisions, cost, 0, 0, 20, cost, returned, expired, calls);
    }

    private void spend(int requests) {
        for (int i = 0; i < requests; i++) {
            assertThat(lease.spend(1)).isNotEqualTo(Spent.NOTHING);
        }
    }

    @Test
    void tend_unusedForTheHorizon_givesBackWhatIsLeft() {
        spend(3);
        assertThat(lease.tend(MOST, NOW)).isNull();
        assertThat(lease.tend(MOST, after(99))).isNull();

        LeaseCall back = Objects.requireNonNull(lease.tend(MOST, after(100)));

        assertThat(back).isEqualTo(new LeaseCall(Subject.client(CLIENT), 0, "search", LIMIT, 0, 0, GRANT, 17));
        assertThat(lease.hasPermits()).isFalse();
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.takeUse()).isEqualTo(use(3, 3, 17, 0, 2));
        assertThat(lease.takeUse()).isEqualTo(LeaseUse.NONE);
    }

    /** The call to give back would be one more than without a lease. */
    @Test
    void tend_savedNoCall_keepsItToItsEnd() {
        assertThat(lease.tend(MOST, after(100))).isNull();
        assertThat(lease.tend(MOST, after(799))).isNull();
        assertThat(lease.hasPermits()).isTrue();

        assertThat(lease.tend(MOST, after(800))).isNull();

        assertThat(lease.hasPermits()).isFalse();
        assertThat(lease.isLeased()).isFalse();
        assertThat(lease.takeUse()).isEqualTo(use(0, 0, 0, 20, 1));
    }

    @Test
    void tend_stillInUseNearItsEnd_isCarriedOn() {
        for (int at = 0; at < 700; at += 50) {
            spend(1);
            assertThat(lease.tend(2_000, after(at))).as("at %d ms", at).isNull();
        }
        lease.spend(1);

        LeaseCall more = Objects.requireNonNull(lease.tend(2_000, after(700)));

        assertThat(more.lease()).isEqualTo(GRANT);
        assertThat(more.left()).isEqualTo(5);
        assertThat(more.cost()).isZero();
        assertThat(more.wanted()).isPositive();
    }

    /** The store had no more when it was last asked. */
    @Test
    void tend_lastPermitsNearTheirEnd_givesThemBack() {
        spend(11);
        LeaseCall more = Objects.requireNonNull(lease.ask(0, MOST, NOW));
        lease.answered(more, granted(LIMIT, 0), NOW, NOW);
        for (int at = 0; at < 700; at += 90) {
            spend(1);
            assertThat(lease.tend(2_000, after(at))).as("at %d ms", at).isNull();
        }

        LeaseCall back = Objects.requireNonNull(lease.tend(2_000, after(700)));

        assertThat(back.wanted()).isZero();
        assertThat(back.left()).isEqualTo(1);
    }

    @Test
    void answered_more_carriesWhatWasLeft() {
        spend(11);
        LeaseCall more = Objects.requireNonNull(lease.ask(0, MOST, NOW));
        assertThat(more.left()).isEqualTo(9);
        spend(2);

        lease.answered(more, granted(LIMIT, 60), NOW, after(5));

        assertThat(lease.spend(59)).isEqualTo(Spent.NOTHING);
        assertThat(lease.spend(58)).isNotEqualTo(Spent.NOTHING);
        lease.tend(MOST, after(5));
        assertThat(lease.takeUse().leased()).isEqualTo(20 + 60 - 9);
    }

    @Test
    void answered_anotherCallThanTheLast_ignored() {
        spend(11);
        LeaseCall late = Objects.requireNonNull(lease.ask(0, MOST, NOW));
        assertThat(lease.answerOf(late)).isNotDone();
        assertThat(lease.tend(MOST, after(1_000))).as("not overdue yet").isNull();
        assertThat(lease.isLeased()).isTrue();

        assertThat(lease.tend(MOST, after(1_001))).isNull();
        assertThat(lease.isLeased()).as("given up").isFalse();
        lease.answered(late, granted(LIMIT, 60), after(1_000), after(1_001));

        assertThat(lease.hasPermits()).isFalse();
    }

    @Test
    void recall_thenTheSameLimit_goesOn() {
        spend(3);

        lease.recall(after(1));

        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.hasPermits()).isTrue();
        assertThat(lease.basis()).isNull();
        assertThat(lease.comeUnder(BASIS, NOW, after(2))).as("asked before").isNull();
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.comeUnder(BASIS, after(1), after(2))).isNull();
        spend(17);
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
    }

    @Test
    void comeUnder_anotherLimit_givesBackUnderIt() {
        spend(3);

        LeaseCall back = Objects.requireNonNull(lease.comeUnder(OTHER, NOW, NOW));

        assertThat(back.limit()).isEqualTo(OTHER.limit());
        assertThat(back.lease()).isEqualTo(GRANT);
        assertThat(back.left()).isEqualTo(17);
        assertThat(lease.hasPermits()).isFalse();
        assertThat(lease.basis()).isEqualTo(OTHER);
        assertThat(lease.takeUse()).isEqualTo(use(3, 3, 17, 0, 2));
    }

    /** What the store says of it would be safe no more: it ends by itself. */
    @Test
    void comeUnder_anotherLimitWhileMoreIsAskedFor_losesWhatIsLeft() {
        spend(11);
        LeaseCall more = Objects.requireNonNull(lease.ask(0, MOST, NOW));

        assertThat(lease.comeUnder(OTHER, NOW, NOW)).isNull();

        assertThat(lease.hasPermits()).isFalse();
        assertThat(lease.takeUse()).isEqualTo(use(11, 11, 0, 9, 1));
        lease.answered(more, granted(LIMIT, 60), NOW, NOW);
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(asked(lease, MOST, NOW).lease()).isEqualTo(Grant.NONE);
    }

    @Test
    void answered_outdated_nothingIsSpentUntilTheLimitIsKnown() {
        spend(11);
        LeaseCall more = Objects.requireNonNull(lease.ask(0, MOST, NOW));

        lease.answered(more, new StoreReply.Outdated(Overrides.NONE), NOW, NOW);

        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.hasPermits()).isTrue();
        assertThat(lease.basis()).isNull();
    }

    @Test
    void giveBack_isOnItsWayUntilAnswered() {
        assertThat(lease.underWay()).isDone();
        assertThat(lease.hasReturnedSince(NOW)).isFalse();

        assertThat(lease.giveBack(NOW)).isNotNull();

        CompletableFuture<?> underWay = lease.underWay();
        assertThat(underWay).isNotDone();
        assertThat(lease.isLeased()).isTrue();
        assertThat(lease.giveBack(NOW)).as("there is nothing more").isNull();

        Objects.requireNonNull(lease.returned(after(3))).complete(null);

        assertThat(underWay).isDone();
        assertThat(lease.isLeased()).isFalse();
        assertThat(lease.isInTheWay(after(3))).isTrue();
        assertThat(lease.isInTheWay(after(4))).isFalse();
    }

    @Test
    void giveBack_notAnsweredForASecond_awaitedNoMore() {
        lease.giveBack(NOW);

        lease.tend(MOST, after(1_000));
        assertThat(lease.isLeased()).isTrue();

        lease.tend(MOST, after(1_001));
        assertThat(lease.isLeased()).isFalse();
        assertThat(lease.underWay()).isDone();
    }

    @Test
    void refusal_beforePermitsCameBack_isForgotten() {
        Decision refused = new Decision.Rejected("search", LIMIT, 0, 1_000_000, Reason.LIMIT, 100_000);
        Charge charge = new Charge("search", LIMIT, 30);
        lease.answered(refused, 30, 0, NOW, NOW);
        assertThat(lease.asksForLeft(charge, 0, NOW)).isFalse();

        lease.returned(after(1));

        assertThat(lease.asksForLeft(charge, 0, after(1))).isTrue();
        assertThat(lease.asksForLeft(charge, 1, after(1)))
                .as("of another version")
                .isFalse();
    }

    /** Another request needs what would be leased. */
    @Test
    void ask_aheadWhileItYields_asksForNothing() {
        spend(11);

        lease.beginYielding();
        lease.beginYielding();
        lease.endYielding();
        assertThat(lease.ask(0, MOST, NOW)).isNull();

        lease.endYielding();
        assertThat(lease.ask(0, MOST, NOW)).isNotNull();
    }

    @Test
    void comeUnder_anotherLimitAfterTheEnd_nothingIsGivenBack() {
        assertThat(lease.comeUnder(OTHER, after(800), after(800))).isNull();

        assertThat(lease.takeUse()).isEqualTo(use(0, 0, 0, 20, 1));
    }

    @Test
    void giveBack_atOnce_countsWhatWasSpentAndForgetsWhatWasRefused() {
        Charge charge = new Charge("search", LIMIT, 30);
        lease.answered(new Decision.Rejected("search", LIMIT, 0, 0, Reason.LIMIT, 100_000), 30, 0, NOW, NOW);
        spend(3);

        assertThat(lease.giveBack(NOW)).isNotNull();

        assertThat(lease.takeUse()).isEqualTo(use(3, 3, 17, 0, 2));
        assertThat(lease.asksForLeft(charge, 0, NOW)).isTrue();
    }

    @Test
    void isForgotten_aSecondAfterTheLastRequest_ifNothingIsKnown() {
        lease.giveBack(NOW);
        assertThat(lease.isForgotten(after(1_001))).as("on its way back").isFalse();
        lease.returned(NOW);
        assertThat(lease.isForgotten(after(1_000))).isFalse();
        assertThat(lease.isForgotten(after(1_001))).isTrue();
        assertThat(lease.ask(50, MOST, after(1_001)))
                .as("no request would find it")
                .isNull();
    }

    @Test
    void isForgotten_whileARefusalIsRemembered_not() {
        lease.giveBack(NOW);
        lease.returned(NOW);
        Decision refused = new Decision.Rejected("search", LIMIT, 0, 1_000_000, Reason.LIMIT, 1_000_000);
        lease.answered(refused, 1, 0, after(1_500), after(1_500));

        assertThat(lease.isForgotten(after(1_699))).isFalse();
        assertThat(lease.isForgotten(after(1_700))).isTrue();
    }

    @Test
    void asked_firstRequests_noLeaseBeforeItWouldHavePaid() {
        Lease fresh = new Lease(Subject.client(CLIENT), "search", NOW);
        fresh.comeUnder(BASIS, NOW, NOW);

        LeaseCall first = asked(fresh, MOST, NOW);

        assertThat(first.lease()).isEqualTo(Grant.NONE);
        assertThat(first.left()).isZero();
        assertThat(first.cost()).isEqualTo(20);
        assertThat(first.wanted()).isEqualTo(MOST);
        assertThat(fresh.ask(20, MOST, NOW)).as("one call at a time").isNull();
    }
}
