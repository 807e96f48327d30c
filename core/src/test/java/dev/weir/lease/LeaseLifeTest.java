package dev.weir.lease;

import static dev.weir.lease.LeaseFixtures.BASIS;
import static dev.weir.lease.LeaseFixtures.CLIENT;
import static dev.weir.lease.LeaseFixtures.GRANT;
import static dev.weir.lease.LeaseFixtures.LIMIT;
import static dev.weir.lease.LeaseFixtures.MOST;
import static dev.weir.lease.LeaseFixtures.NOW;
import static dev.weir.lease.LeaseFixtures.SHARED;
import static dev.weir.lease.LeaseFixtures.after;
import static dev.weir.lease.LeaseFixtures.askedAhead;
import static dev.weir.lease.LeaseFixtures.granted;
import static dev.weir.lease.LeaseFixtures.lease;
import static dev.weir.lease.LeaseFixtures.leased;
import static dev.weir.lease.LeaseFixtures.spend;
import static dev.weir.lease.LeaseFixtures.use;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.HeldPermits.Spent;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Reason;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.Subject;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How a lease is carried on, given back and forgotten: it is one of 20 permits for a second, of which 0.8 are used. */
class LeaseLifeTest {

    private final Lease lease = leased(BASIS, 20);

    @Test
    void tend_unusedForTheHorizon_givesBackWhatIsLeft() {
        spend(lease, 3);
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
            spend(lease, 1);
            assertThat(lease.tend(2_000, after(at))).as("at %d ms", at).isNull();
        }
        lease.spend(1);

        LeaseCall more = Objects.requireNonNull(lease.tend(2_000, after(700)));

        assertThat(more.lease()).isEqualTo(GRANT);
        assertThat(more.left()).isEqualTo(5);
        assertThat(more.cost()).isZero();
        assertThat(more.wanted()).isPositive();
    }

    /** The store had no more when it was last asked: it is not asked again for what requests will need. */
    @Test
    void tend_lastPermitsNearTheirEnd_givesThemBack() {
        spend(lease, 3);
        lease.answered(askedAhead(lease), granted(LIMIT, 0), NOW, NOW);
        assertThat(lease.ask(0, 17, after(690))).as("17 are here").isNull();
        spend(lease, 5);

        LeaseCall back = Objects.requireNonNull(lease.tend(MOST, after(700)));

        assertThat(back.wanted()).isZero();
        assertThat(back.left()).isEqualTo(12);
    }

    /** What lies about there is missing in the others' shares: it goes back even if that call is not paid for. */
    @Test
    void tend_ofAPool_givenBackInAnyCase() {
        Lease unused = leased(SHARED, 20);

        assertThat(unused.tend(MOST, after(31))).isNull();
        assertThat(unused.tend(MOST, after(32))).isNotNull();
    }

    /** So few permits that they may lie about: nothing changes until they are near their end. */
    @Test
    void untilDueNanos_fewPermits_untilNearTheirEnd() {
        Lease few = lease(BASIS);
        LeaseCall ask = null;
        while (ask == null) {
            ask = few.ask(1, 10 * MOST, NOW);
        }
        assertThat(few.untilDueNanos(NOW)).as("it is asked for").isZero();
        few.answered(ask, granted(LIMIT, 16), NOW, NOW);

        assertThat(few.untilDueNanos(NOW)).isEqualTo(after(700) - NOW);
        assertThat(few.untilDueNanos(after(699))).isEqualTo(after(700) - after(699));
        assertThat(few.untilDueNanos(after(700))).isZero();
        assertThat(few.untilDueNanos(after(5_000))).isZero();

        spend(few, 16);
        assertThat(few.untilDueNanos(after(300))).isPositive();
        assertThat(few.ask(1, 10 * MOST, after(300))).isNotNull();
        assertThat(few.untilDueNanos(after(300))).as("more is asked for").isZero();
    }

    /** Whether it is still in use is looked at all the time. */
    @Test
    void untilDueNanos_manyPermits_none() {
        assertThat(lease.untilDueNanos(NOW)).isZero();
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
    void giveBack_atOnce_countsWhatWasSpentAndForgetsWhatWasRefused() {
        Charge charge = new Charge("search", LIMIT, 30);
        lease.answered(new Rejected("search", LIMIT, 0, 0, Reason.LIMIT, 100_000), 30, 0, NOW, NOW);
        spend(lease, 3);

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
        Decision refused = new Rejected("search", LIMIT, 0, 1_000_000, Reason.LIMIT, 1_000_000);
        lease.answered(refused, 1, 0, after(1_500), after(1_500));

        assertThat(lease.isForgotten(after(1_699))).isFalse();
        assertThat(lease.isForgotten(after(1_700))).isTrue();
    }
}
