package dev.weir.lease;

import static dev.weir.lease.LeaseFixtures.BASIS;
import static dev.weir.lease.LeaseFixtures.GRANT;
import static dev.weir.lease.LeaseFixtures.LIMIT;
import static dev.weir.lease.LeaseFixtures.MOST;
import static dev.weir.lease.LeaseFixtures.NOW;
import static dev.weir.lease.LeaseFixtures.OTHER;
import static dev.weir.lease.LeaseFixtures.after;
import static dev.weir.lease.LeaseFixtures.asked;
import static dev.weir.lease.LeaseFixtures.askedAhead;
import static dev.weir.lease.LeaseFixtures.granted;
import static dev.weir.lease.LeaseFixtures.lease;
import static dev.weir.lease.LeaseFixtures.leased;
import static dev.weir.lease.LeaseFixtures.recallAndConfirm;
import static dev.weir.lease.LeaseFixtures.spend;
import static dev.weir.lease.LeaseFixtures.untilLow;
import static dev.weir.lease.LeaseFixtures.use;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.HeldPermits.Spent;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Reason;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.Overrides;
import dev.weir.store.StoreReply;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What becomes of a lease, and of what is known beside it, when its limit may have changed. */
class LeaseRecallTest {

    private final Lease lease = leased(BASIS, 20);

    @Test
    void recall_thenTheSameLimit_goesOn() {
        spend(lease, 3);

        lease.recall(after(1));

        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.hasPermits()).isTrue();
        assertThat(lease.basis()).isNull();
        assertThat(lease.comeUnder(BASIS, NOW, after(2))).as("asked before").isNull();
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.comeUnder(BASIS, after(1), after(2))).isNull();
        spend(lease, 17);
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
    }

    @Test
    void recall_refusal_isForgottenEvenIfTheLimitIsTheSame() {
        lease.answered(new Rejected("search", LIMIT, 0, 0, Reason.LIMIT, 100_000), 30, 0, NOW, NOW);
        Charge charge = new Charge("search", LIMIT, 60);
        assertThat(lease.decide(charge, 0, NOW)).isInstanceOf(Rejected.class);

        recallAndConfirm(lease);

        assertThat(lease.decide(charge, 0, after(1))).isNull();
    }

    @Test
    void isFor_requestOfAnotherLimitOrVersion_not() {
        assertThat(lease.isFor(new Charge("search", LIMIT, 1), 0)).isTrue();
        assertThat(lease.isFor(new Charge("search", LIMIT, 1), 1)).isFalse();
        assertThat(lease.isFor(new Charge("search", OTHER.limit(), 1), 0)).isFalse();

        lease.recall(NOW);

        assertThat(lease.isFor(new Charge("search", LIMIT, 1), 0)).isFalse();
    }

    @Test
    void low_afterARecall_atHalfOfWhatWasGranted() {
        spend(lease, 3);
        recallAndConfirm(lease);

        assertThat(untilLow(lease)).as("with fewer than 10 of 20 left").isEqualTo(8);
    }

    @Test
    void low_afterARecallWhileMoreIsAskedFor_notSaid() {
        spend(lease, 3);
        assertThat(lease.ask(0, MOST, NOW)).isNotNull();
        recallAndConfirm(lease);

        assertThat(untilLow(lease)).isEqualTo(-1);
    }

    /** Nothing may be asked for then. */
    @Test
    void low_afterARecallOfALeaseThatMayBeLost_notSaid() {
        spend(lease, 3);
        lease.answered(askedAhead(lease), null, NOW, NOW);
        recallAndConfirm(lease);

        assertThat(untilLow(lease)).isEqualTo(-1);
    }

    /** Whether it is of use will be known when the limit is. */
    @Test
    void answer_afterARecall_isSetAside() {
        spend(lease, 11);
        LeaseCall more = askedAhead(lease);
        lease.recall(after(1));

        lease.answered(more, granted(LIMIT, 60), NOW, after(2));
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        lease.comeUnder(BASIS, after(3), after(3));

        assertThat(lease.spend(61)).isEqualTo(Spent.NOTHING);
        assertThat(lease.spend(60)).isNotEqualTo(Spent.NOTHING);
    }

    /** Its callers have reported some of the decisions; and what was set aside once is counted once. */
    @Test
    void takeUse_spentBothWaysAndRecalled_addsUp() {
        spend(lease, 3);
        assertThat(lease.decide(new Charge("search", LIMIT, 4), 0, NOW)).isNotNull();
        assertThat(lease.decide(new Charge("search", LIMIT, 2), 0, NOW)).isNotNull();
        lease.recall(NOW);
        lease.comeUnder(BASIS, NOW, NOW);
        spend(lease, 1);

        assertThat(lease.tend(MOST, after(1))).isNull();
        assertThat(lease.takeUse()).isEqualTo(new LeaseUse(4, 4, 2, 0, 20, 10, 0, 0, 1));

        lease.tend(MOST, after(801));
        assertThat(lease.takeUse()).isEqualTo(LeaseUse.ofExpired(10));
    }

    @Test
    void comeUnder_anotherLimit_givesBackUnderIt() {
        spend(lease, 3);

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
        spend(lease, 11);
        LeaseCall more = askedAhead(lease);

        assertThat(lease.comeUnder(OTHER, NOW, NOW)).isNull();

        assertThat(lease.hasPermits()).isFalse();
        assertThat(lease.takeUse()).isEqualTo(use(11, 11, 0, 9, 1));
        lease.answered(more, granted(LIMIT, 60), NOW, NOW);
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(asked(lease, MOST, NOW).lease()).isEqualTo(Grant.NONE);
    }

    @Test
    void comeUnder_anotherLimitAfterTheEnd_nothingIsGivenBack() {
        assertThat(lease.comeUnder(OTHER, after(800), after(800))).isNull();

        assertThat(lease.takeUse()).isEqualTo(use(0, 0, 0, 20, 1));
    }

    @Test
    void answered_outdated_nothingIsSpentUntilTheLimitIsKnown() {
        spend(lease, 11);
        LeaseCall more = askedAhead(lease);

        lease.answered(more, new StoreReply.Outdated(Overrides.NONE), NOW, NOW);

        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.hasPermits()).isTrue();
        assertThat(lease.basis()).isNull();
    }

    @Test
    void serves_anotherLimit_stopsUntilThatIsKnown() {
        assertThat(lease.serves(BASIS, NOW)).isTrue();

        assertThat(lease.serves(OTHER, NOW)).isFalse();

        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.basis()).isNull();
        assertThat(lease.usage()).isEqualTo("search");
    }

    /** Its answer comes after the limit was changed, or after permits came back. */
    @Test
    void refusal_ofACallFromBeforeAChange_isNotRemembered() {
        Lease lease = lease(BASIS);
        Decision rejected = new Rejected("search", LIMIT, 0, 1_000_000, Reason.LIMIT, 1_000_000);
        Charge charge = new Charge("search", LIMIT, 1);

        lease.forgetRefusal(NOW + 2_000);
        lease.answered(rejected, 1, 0, NOW + 1_000, NOW + 3_000);
        assertThat(lease.decide(charge, 0, NOW + 4_000)).isNull();

        lease.answered(rejected, 1, 0, NOW + 2_000, NOW + 5_000);
        assertThat(lease.decide(charge, 0, NOW + 6_000)).isInstanceOf(Rejected.class);
    }

    /** Of a limit that is not in force any more: a request that goes by another is not refused for it. */
    @Test
    void refusalAnsweredAfterTheLimitWasChanged_bindsNoRequest() {
        Lease lease = lease(OTHER);
        LeaseCall ask = asked(lease, MOST, NOW);
        lease.comeUnder(BASIS, NOW, NOW);

        Decision rejected = new Rejected("search", OTHER.limit(), 0, 1_000_000, Reason.LIMIT, 1_000_000);
        lease.answered(ask, new StoreReply.Leased(rejected, Grant.NONE, 0), NOW, NOW);

        assertThat(lease.decide(new Charge("search", LIMIT, 50), 0, NOW)).isNull();
    }
}
