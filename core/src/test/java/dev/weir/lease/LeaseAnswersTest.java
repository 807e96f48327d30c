package dev.weir.lease;

import static dev.weir.lease.LeaseRefillTest.BASIS;
import static dev.weir.lease.LeaseRefillTest.LIMIT;
import static dev.weir.lease.LeaseRefillTest.MOST;
import static dev.weir.lease.LeaseRefillTest.OTHER;
import static dev.weir.lease.LeaseRefillTest.after;
import static dev.weir.lease.LeaseRefillTest.lease;
import static dev.weir.lease.LeaseRefillTest.leased;
import static dev.weir.lease.LeaseRefillTest.spend;
import static dev.weir.lease.LeaseTest.CLIENT;
import static dev.weir.lease.LeaseTest.NOW;
import static dev.weir.lease.LeaseTest.asked;
import static dev.weir.lease.LeaseTest.granted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.HeldPermits.Spent;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the store's answers do to a lease, and what it answers itself. */
class LeaseAnswersTest {

    /** Its callers have reported some of the decisions; and what was set aside once is counted once. */
    @Test
    void takeUse_spentBothWaysAndRecalled_addsUp() {
        Lease lease = leased(BASIS, 20);
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
    void table_lowLease_isRefilledOnce() {
        List<Lease> refilled = new ArrayList<>();
        LeaseTable leases = new LeaseTable(refilled::add, null);
        Lease lease = leased(BASIS, 20);

        assertThat(leases.spend(CLIENT, 1)).isFalse();
        assertThat(leases.putIfAbsent(CLIENT, lease)).isSameAs(lease);
        assertThat(leases.putIfAbsent(CLIENT, leased(BASIS, 50))).isSameAs(lease);
        assertThat(leases.byClient()).containsOnlyKeys(CLIENT);
        for (int i = 0; i < 20; i++) {
            assertThat(leases.spend(CLIENT, 1)).isTrue();
        }

        assertThat(leases.trySpend(CLIENT, 1)).isNull();
        assertThat(refilled).containsExactly(lease);
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
    void patience_threeAnswers_between10And20Millis() {
        Lease lease = lease(BASIS);
        Decision permitted = new Decision.Permitted("search", LIMIT, 5, 1_000_000, Reason.OK);
        assertThat(lease.patienceNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
        lease.answered(permitted, 1, 0, NOW, after(5));
        assertThat(lease.patienceNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(15));
        lease.answered(permitted, 1, 0, NOW, after(9));
        assertThat(lease.patienceNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
    }

    @Test
    void answer_whenTheLeaseWouldHaveEnded_bringsNothing() {
        Lease lease = lease(BASIS);
        LeaseCall call = asked(lease, MOST, NOW);

        lease.answered(call, granted(LIMIT, 20), NOW, after(800));

        assertThat(lease.hasPermits()).isFalse();
    }

    /** Whether it is of use will be known when the limit is. */
    @Test
    void answer_afterARecall_isSetAside() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);
        LeaseCall more = Objects.requireNonNull(lease.ask(0, MOST, NOW));
        lease.recall(after(1));

        lease.answered(more, granted(LIMIT, 60), NOW, after(2));
        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        lease.comeUnder(BASIS, after(3), after(3));

        assertThat(lease.spend(61)).isEqualTo(Spent.NOTHING);
        assertThat(lease.spend(60)).isNotEqualTo(Spent.NOTHING);
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
    void decide_fromTheLease_whatIsHereRemainsAsWell() {
        Decision decision = Objects.requireNonNull(leased(BASIS, 20).decide(new Charge("search", LIMIT, 3), 0, NOW));

        assertThat(decision.permitted()).isTrue();
        assertThat(decision.remaining()).isEqualTo(900 + 17);
    }

    @Test
    void serves_anotherLimit_stopsUntilThatIsKnown() {
        Lease lease = leased(BASIS, 20);
        assertThat(lease.serves(BASIS, NOW)).isTrue();

        assertThat(lease.serves(OTHER, NOW)).isFalse();

        assertThat(lease.spend(1)).isEqualTo(Spent.NOTHING);
        assertThat(lease.basis()).isNull();
        assertThat(lease.usage()).isEqualTo("search");
    }

    /** What lies about there is missing in the others' shares; and a share that is used up is not asked for ahead. */
    @Test
    void ofAPool_givenBackInAnyCase_andNotAskedForWhileItIsUsedUp() {
        Pool pool = new Pool("all", Limit.tokenBucket(1_000, Duration.ofSeconds(1)));
        LeaseBasis shared = new LeaseBasis(pool.limit(), new Share(pool, 1), Overrides.NO_VERSION);
        Lease lease = leased(shared, 20);
        spend(lease, 18);
        Decision refused = new Rejected("search", pool.limit(), 0, 0, Reason.SHARE, 10_000);
        lease.answered(refused, 1, 0, NOW, NOW);

        assertThat(lease.ask(0, MOST, after(15))).isNull();
        assertThat(lease.ask(0, MOST, after(16))).isNotNull();

        Lease unused = leased(shared, 20);
        assertThat(unused.tend(MOST, after(31))).isNull();
        assertThat(unused.tend(MOST, after(32))).isNotNull();
    }
}
