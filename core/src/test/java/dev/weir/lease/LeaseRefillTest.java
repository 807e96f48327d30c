package dev.weir.lease;

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
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a lease says that it is low, and what is asked for then. */
class LeaseRefillTest {

    private static final Limit LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(10));
    private static final LeaseBasis BASIS = new LeaseBasis(LIMIT, null, Overrides.NO_VERSION);
    private static final LeaseBasis OTHER =
            new LeaseBasis(Limit.tokenBucket(500, Duration.ofSeconds(10)), null, Overrides.NO_VERSION);
    private static final long MOST = 100;

    private static Lease lease(LeaseBasis basis) {
        Lease lease = new Lease(Subject.client(CLIENT), "search", NOW);
        lease.comeUnder(basis, NOW, NOW);
        return lease;
    }

    private static Lease leased(LeaseBasis basis, long permits) {
        Lease lease = lease(basis);
        lease.answered(asked(lease, MOST, NOW), granted(basis.limit(), permits), NOW, NOW);
        return lease;
    }

    private static long after(long millis) {
        return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static void spend(Lease lease, int requests) {
        for (int i = 0; i < requests; i++) {
            assertThat(lease.spend(1)).isNotEqualTo(Spent.NOTHING);
        }
    }

    /** How many requests it serves until it says that it is low, that one among them; -1 if it never does. */
    private static int untilLow(Lease lease) {
        int requests = 1;
        Spent spent = lease.spend(1);
        while (spent == Spent.ALL) {
            requests++;
            spent = lease.spend(1);
        }
        return spent == Spent.NOTHING ? -1 : requests;
    }

    /** A fifth more or less than half: instances that started together must not come back together. */
    @Test
    void low_manyLeases_spreadAroundHalf() {
        TreeSet<Integer> requests = new TreeSet<>();
        for (int nanos = 0; nanos < 2_000; nanos++) {
            Lease lease = lease(BASIS);
            lease.answered(asked(lease, MOST, NOW), granted(LIMIT, 100), NOW - nanos, NOW);
            requests.add(untilLow(lease));
        }

        assertThat(requests.first()).as("with fewer than 60 left").isEqualTo(41);
        assertThat(requests.last()).as("with fewer than 40 left").isEqualTo(61);
        assertThat(requests).hasSizeGreaterThan(15);
    }

    @Test
    void low_fewPermits_notWorthIt() {
        assertThat(untilLow(leased(BASIS, 10))).isPositive();
        assertThat(untilLow(leased(BASIS, 9))).isEqualTo(-1);
    }

    @Test
    void low_enoughIsHere_onceMoreAtHalfOfThat() {
        Lease lease = leased(BASIS, 100);
        spend(lease, 61);
        assertThat(lease.ask(0, 39, NOW)).isNull();

        assertThat(untilLow(lease)).as("with fewer than 19 left").isEqualTo(21);
    }

    @Test
    void low_moreIsAskedFor_notSaid() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 2);
        assertThat(lease.ask(0, MOST, NOW)).isNotNull();

        assertThat(untilLow(lease)).isEqualTo(-1);
    }

    @Test
    void low_afterARecall_atHalfOfWhatWasGranted() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 3);
        lease.recall(after(1));
        lease.comeUnder(BASIS, after(1), after(1));

        assertThat(untilLow(lease)).as("with fewer than 10 of 20 left").isEqualTo(8);
    }

    @Test
    void low_afterARecallWhileMoreIsAskedFor_notSaid() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 3);
        assertThat(lease.ask(0, MOST, NOW)).isNotNull();
        lease.recall(after(1));
        lease.comeUnder(BASIS, after(1), after(1));

        assertThat(untilLow(lease)).isEqualTo(-1);
    }

    /** Nothing may be asked for then. */
    @Test
    void low_afterARecallOfALeaseThatMayBeLost_notSaid() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 3);
        lease.answered(Objects.requireNonNull(lease.ask(0, MOST, NOW)), null, NOW, NOW);
        lease.recall(after(1));
        lease.comeUnder(BASIS, after(1), after(1));

        assertThat(untilLow(lease)).isEqualTo(-1);
    }

    @Test
    void ask_more_whatIsMissing() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);

        LeaseCall more = Objects.requireNonNull(lease.ask(0, MOST, NOW));

        assertThat(more.left()).isEqualTo(9);
        assertThat(more.wanted()).isEqualTo(91);
    }

    /** No request has come: it lies about all the same. */
    @Test
    void ask_ahead_isNoRequest() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 1);
        lease.tend(MOST, NOW);

        assertThat(lease.ask(0, 19, after(50))).isNull();

        assertThat(lease.tend(MOST, after(100))).isNotNull();
    }

    /** A request has gone by the limit since: it is known to be in force. */
    @Test
    void ask_aheadALongTimeAfterTheStoreSaidTheLimit_ifARequestWentByItSince() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 5);
        assertThat(lease.decide(new Charge("search", LIMIT, 1), 0, after(600))).isNotNull();

        assertThat(lease.ask(0, 2_000, after(1_050))).isNotNull();
    }

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

    /** With what is left of it, none can be asked for before it is spent; then it is a new one. */
    @Test
    void ask_afterALostRenewal_onlyWhenAllIsSpent() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);
        lease.answered(Objects.requireNonNull(lease.ask(0, MOST, NOW)), null, NOW, NOW);
        assertThat(lease.ask(20, MOST, NOW)).isNull();

        spend(lease, 9);

        assertThat(Objects.requireNonNull(lease.ask(20, MOST, NOW)).lease()).isEqualTo(Grant.NONE);
    }

    /** Nothing was leased that the store could have carried on. */
    @Test
    void ask_afterALostFirstCall_onceItIsWorthIt() {
        Lease lease = lease(BASIS);

        lease.answered(asked(lease, MOST, NOW), null, NOW, NOW);

        assertThat(asked(lease, MOST, NOW).lease()).isEqualTo(Grant.NONE);
    }

    /** Each call that no request waits for is paid by a request that was served: one to ask, and one to give back. */
    @ParameterizedTest
    @CsvSource({"9, true", "10, false"})
    void ask_callsThatWereOfNoUse_arePaidFirst(int wasted, boolean asks) {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);

        for (int i = 0; i < wasted; i++) {
            lease.hasWastedACall();
        }

        assertThat(lease.ask(0, MOST, NOW) != null).isEqualTo(asks);
    }

    @ParameterizedTest
    @CsvSource({"2, false", "3, true"})
    void ask_afterAChangeGaveBack_thatCallIsPaidFirst(int served, boolean asks) {
        Lease lease = leased(BASIS, 20);
        spend(lease, served);
        lease.comeUnder(OTHER, NOW, NOW);
        lease.returned(NOW);
        lease.answered(asked(lease, MOST, NOW), granted(OTHER.limit(), 20), NOW, NOW);

        assertThat(lease.ask(0, MOST, NOW) != null).isEqualTo(asks);
    }

    @Test
    void answer_refusal_isRemembered() {
        Lease lease = lease(BASIS);
        LeaseCall call = asked(lease, MOST, NOW);
        Decision refused = new Rejected("search", LIMIT, 0, 1_000_000, Reason.LIMIT, 100_000);

        lease.answered(call, new StoreReply.Leased(refused, Grant.NONE, 0), NOW, NOW);

        assertThat(lease.isOverLimit(new Charge("search", LIMIT, 20), 0)).isTrue();
        assertThat(lease.isOverLimit(new Charge("search", LIMIT, 19), 0)).isFalse();
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
