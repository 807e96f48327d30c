package dev.weir.lease;

import static dev.weir.lease.LeaseFixtures.BASIS;
import static dev.weir.lease.LeaseFixtures.LIMIT;
import static dev.weir.lease.LeaseFixtures.MOST;
import static dev.weir.lease.LeaseFixtures.NOW;
import static dev.weir.lease.LeaseFixtures.SHARE;
import static dev.weir.lease.LeaseFixtures.SHARED;
import static dev.weir.lease.LeaseFixtures.after;
import static dev.weir.lease.LeaseFixtures.asked;
import static dev.weir.lease.LeaseFixtures.askedAhead;
import static dev.weir.lease.LeaseFixtures.granted;
import static dev.weir.lease.LeaseFixtures.lease;
import static dev.weir.lease.LeaseFixtures.leased;
import static dev.weir.lease.LeaseFixtures.spend;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.HeldPermits.Spent;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.StoreReply;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the store's answers do to a lease, and what it answers itself. */
class LeaseAnswersTest {

    @Test
    void decide_fromTheLease_whatIsHereRemainsAsWell() {
        Decision decision = Objects.requireNonNull(leased(BASIS, 20).decide(new Charge("search", LIMIT, 3), 0, NOW));

        assertThat(decision.permitted()).isTrue();
        assertThat(decision.remaining()).isEqualTo(900 + 17);
    }

    @Test
    void answered_more_carriesWhatWasLeft() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);
        LeaseCall more = askedAhead(lease);
        assertThat(more.left()).isEqualTo(9);
        spend(lease, 2);

        lease.answered(more, granted(LIMIT, 60), NOW, after(5));

        assertThat(lease.spend(59)).isEqualTo(Spent.NOTHING);
        assertThat(lease.spend(58)).isNotEqualTo(Spent.NOTHING);
        lease.tend(MOST, after(5));
        assertThat(lease.takeUse().leased()).isEqualTo(20 + 60 - 9);
    }

    @Test
    void answered_anotherCallThanTheLast_ignored() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);
        LeaseCall late = askedAhead(lease);
        assertThat(lease.answerOf(late)).isNotDone();
        assertThat(lease.tend(MOST, after(1_000))).as("not overdue yet").isNull();
        assertThat(lease.isLeased()).isTrue();

        assertThat(lease.tend(MOST, after(1_001))).isNull();
        assertThat(lease.isLeased()).as("given up").isFalse();
        lease.answered(late, granted(LIMIT, 60), after(1_000), after(1_001));

        assertThat(lease.hasPermits()).isFalse();
    }

    @Test
    void answer_whenTheLeaseWouldHaveEnded_bringsNothing() {
        Lease lease = lease(BASIS);
        LeaseCall call = asked(lease, MOST, NOW);

        lease.answered(call, granted(LIMIT, 20), NOW, after(800));

        assertThat(lease.hasPermits()).isFalse();
    }

    /** The answer to a renewal that was under way when the process was stopped. */
    @Test
    void renewalAnsweredAfterTheEnd_doesNotBringBackWhatWasLeft() {
        long endedNanos = after(900);
        Lease lease = leased(BASIS, 20);
        for (int i = 0; i < 15; i++) {
            assertThat(lease.decide(new Charge("search", LIMIT, 1), 0, NOW)).isNotNull();
        }
        long askedNanos = after(700);
        LeaseCall renewal = lease.ask(0, 2_000, askedNanos);
        assertThat(renewal).isNotNull();
        assertThat(renewal.left()).isEqualTo(5);

        lease.answered(renewal, granted(renewal.limit(), 25), askedNanos, endedNanos);

        assertThat(lease.spend(21, endedNanos)).isEqualTo(Spent.NOTHING);
        assertThat(lease.spend(20, endedNanos)).isNotEqualTo(Spent.NOTHING);
    }

    /** The store may have carried it over, or not: what is said of it could mean another instance's. */
    @Test
    void renewalWithoutAnAnswer_leaseIsSpentToItsEnd_andNeverMentionedAgain() {
        Lease lease = leased(BASIS, 20);
        while (lease.spend(1) == Spent.ALL) {}
        LeaseCall renewal = lease.ask(0, 100, NOW);
        assertThat(renewal).isNotNull();
        assertThat(renewal.left()).isGreaterThan(2);

        lease.answered(renewal, null, NOW, NOW);

        long idleNanos = after(150);
        assertThat(lease.ask(50, 100, NOW)).isNull();
        assertThat(lease.tend(100, idleNanos)).isNull();
        assertThat(lease.giveBack(idleNanos)).isNull();
        assertThat(lease.spend(1)).isNotEqualTo(Spent.NOTHING);
        LeaseCall next = asked(lease, 100, after(800));
        assertThat(next.lease()).isEqualTo(Grant.NONE);
        assertThat(lease.spend(1)).as("its time is over").isEqualTo(Spent.NOTHING);
    }

    @Test
    void answer_refusal_isRemembered() {
        Lease lease = lease(BASIS);
        LeaseCall call = asked(lease, MOST, NOW);
        Decision refused = new Rejected("search", LIMIT, 0, 1_000_000, Reason.LIMIT, 100_000);

        lease.answered(call, new StoreReply.Leased(refused, Grant.NONE, 0), NOW, NOW);

        assertThat(lease.asksForLeft(new Charge("search", LIMIT, 20), 0, after(200)))
                .isFalse();
        assertThat(lease.asksForLeft(new Charge("search", LIMIT, 19), 0, after(200)))
                .isTrue();
    }

    @Test
    void decide_refusalThatIsRemembered_isReported() {
        Lease lease = leased(BASIS, 20);
        lease.answered(new Rejected("search", LIMIT, 0, 0, Reason.LIMIT, 100_000), 30, 0, NOW, NOW);
        lease.takeUse();

        assertThat(lease.decide(new Charge("search", LIMIT, 60), 0, NOW)).isInstanceOf(Rejected.class);
        assertThat(lease.takeUse().refusals()).isEqualTo(1);
        assertThat(lease.decide(new Charge("search", LIMIT, 25), 0, NOW)).isNull();
        assertThat(lease.takeUse().refusals()).isZero();
    }

    /** What the store refused would pass sooner with the permits that are here. */
    @Test
    void refusal_bindsOnlyCostsThatAreTooLargeWithWhatIsHereAsWell() {
        Lease lease = leased(BASIS, 20);
        Decision rejected = new Rejected("search", LIMIT, 0, 1_000_000, Reason.LIMIT, 1_000_000);
        lease.answered(rejected, 30, 0, NOW, NOW);

        assertThat(lease.hasPermits()).isTrue();
        assertThat(lease.decide(new Charge("search", LIMIT, 49), 0, NOW)).isNull();
        assertThat(lease.decide(new Charge("search", LIMIT, 50), 0, NOW)).isInstanceOf(Rejected.class);
    }

    @Test
    void refusal_beforePermitsCameBack_isForgotten() {
        Lease lease = leased(BASIS, 20);
        Decision refused = new Rejected("search", LIMIT, 0, 1_000_000, Reason.LIMIT, 100_000);
        Charge charge = new Charge("search", LIMIT, 30);
        lease.answered(refused, 30, 0, NOW, NOW);
        assertThat(lease.asksForLeft(charge, 0, NOW)).isFalse();

        lease.returned(after(1));

        assertThat(lease.asksForLeft(charge, 0, after(1))).isTrue();
        assertThat(lease.asksForLeft(charge, 1, after(1)))
                .as("of another version")
                .isFalse();
    }

    /** There will be enough for a lease by then. */
    @Test
    void refusal_ofAShare_waitsForALeaseIfTheClientAsksOften() {
        Lease lease = lease(SHARED);
        Rejected refused = new Rejected("search", SHARED.limit(), 0, 0, Reason.SHARE, 3_000);
        Charge charge = SHARE.charge("search", null, 1);

        lease.answered(refused, 1, 0, NOW, NOW);
        Rejected here = refused.withRule(refused.rule().by(Source.LEASE));
        assertThat(lease.decide(charge, 0, NOW)).isEqualTo(here);

        asked(lease, MOST, NOW);
        lease.answered(refused, 1, 0, NOW, NOW);
        assertThat(lease.decide(charge, 0, NOW)).isEqualTo(here.withRetryAfterMicros(16_000));
    }

    /** What the store left is asked for once, until the next answer is due and more has come back. */
    @Test
    void answer_thatLeftPermits_asManyAsk() {
        Lease lease = lease(BASIS);
        Decision permitted = new Decision.Permitted("search", LIMIT, 5, 1_000_000, Reason.OK);
        lease.answered(permitted, 1, 0, NOW, after(4));
        Charge charge = new Charge("search", LIMIT, 2);

        assertThat(lease.asksForLeft(charge, 0, after(4))).isTrue();
        assertThat(lease.asksForLeft(charge, 0, after(4))).isTrue();
        assertThat(lease.asksForLeft(charge, 0, after(4))).isFalse();
        assertThat(lease.asksForLeft(new Charge("search", LIMIT, 1), 0, after(4)))
                .as("one of five is left")
                .isTrue();
        assertThat(lease.asksForLeft(charge, 0, after(24) - 1)).isFalse();
        assertThat(lease.asksForLeft(charge, 0, after(24))).isTrue();
    }

    @Test
    void answer_thatTookLongerThanPermitsTakeToComeBack_noneMayBeLeftUntilTheNext() {
        Lease lease = lease(BASIS);
        lease.answered(new Decision.Permitted("search", LIMIT, 0, 1_000_000, Reason.OK), 1, 0, NOW, after(30));
        Charge charge = new Charge("search", LIMIT, 1);

        assertThat(lease.asksForLeft(charge, 0, after(60) - 1)).isFalse();
        assertThat(lease.asksForLeft(charge, 0, after(60))).isTrue();
    }

    @Test
    void answerOf_callUnderWay_isWhatOthersWaitFor() {
        Lease lease = lease(BASIS);
        LeaseCall call = asked(lease, MOST, NOW);
        Charge charge = new Charge("search", LIMIT, 20);
        Flight own = lease.flight(charge, NOW);

        assertThat(lease.awaitOrAsk(own, charge, after(10))).isSameAs(lease.answerOf(call));
        assertThat(lease.awaitOrAsk(own, new Charge("search", LIMIT, 19), NOW))
                .as("of a lower cost")
                .isNull();
        assertThat(lease.awaitOrAsk(own, charge, after(11))).as("for too long").isNull();
        CompletableFuture<?> underWay = lease.underWay();
        assertThat(underWay).isNotDone();
        lease.answerOf(call).complete(granted(LIMIT, 20));
        assertThat(underWay).isDone();
        lease.answered(call, granted(LIMIT, 20), NOW, NOW);
        assertThat(lease.answerOf(call)).as("no longer").isNotDone();
    }

    @Test
    void patience_threeAnswers_between10And20Millis() {
        Lease lease = lease(BASIS);
        Decision permitted = new Decision.Permitted("search", LIMIT, 5, 1_000_000, Reason.OK);
        assertThat(lease.patienceNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
        lease.answered(permitted, 1, 0, NOW, after(5));
        assertThat(lease.patienceNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(15));
        lease.answered(permitted, 1, 0, NOW, after(9));
        assertThat(lease.patienceNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
    }
}
