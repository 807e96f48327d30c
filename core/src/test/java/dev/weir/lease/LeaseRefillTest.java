package dev.weir.lease;

import static dev.weir.lease.LeaseFixtures.BASIS;
import static dev.weir.lease.LeaseFixtures.LIMIT;
import static dev.weir.lease.LeaseFixtures.MOST;
import static dev.weir.lease.LeaseFixtures.NOW;
import static dev.weir.lease.LeaseFixtures.OTHER;
import static dev.weir.lease.LeaseFixtures.SHARED;
import static dev.weir.lease.LeaseFixtures.after;
import static dev.weir.lease.LeaseFixtures.asked;
import static dev.weir.lease.LeaseFixtures.askedAhead;
import static dev.weir.lease.LeaseFixtures.granted;
import static dev.weir.lease.LeaseFixtures.lease;
import static dev.weir.lease.LeaseFixtures.leased;
import static dev.weir.lease.LeaseFixtures.spend;
import static dev.weir.lease.LeaseFixtures.untilLow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.HeldPermits.Spent;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Reason;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a lease says that it is low, what is asked for then, and whether that call is paid for. */
class LeaseRefillTest {

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
    void low_toTheLastPermit_saidOnce() {
        Lease lease = leased(BASIS, 20);
        int said = 0;
        for (int i = 0; i < 20; i++) {
            said += lease.spend(1) == Spent.ALL_AND_LOW ? 1 : 0;
        }
        assertThat(said).isEqualTo(1);
    }

    @Test
    void ask_firstRequests_noLeaseBeforeItWouldHavePaid() {
        Lease fresh = lease(BASIS);

        LeaseCall first = asked(fresh, MOST, NOW);

        assertThat(first.lease()).isEqualTo(Grant.NONE);
        assertThat(first.left()).isZero();
        assertThat(first.cost()).isEqualTo(20);
        assertThat(first.wanted()).isEqualTo(MOST);
        assertThat(fresh.ask(20, MOST, NOW)).as("one call at a time").isNull();
    }

    @Test
    void ask_more_whatIsMissing() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);

        LeaseCall more = askedAhead(lease);

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

    /** Another request needs what would be leased. */
    @Test
    void ask_aheadWhileItYields_asksForNothing() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);

        lease.beginYielding();
        lease.beginYielding();
        lease.endYielding();
        assertThat(lease.ask(0, MOST, NOW)).isNull();

        lease.endYielding();
        assertThat(lease.ask(0, MOST, NOW)).isNotNull();
    }

    @Test
    void ask_aheadOfAShareThatIsUsedUp_notBeforeTheWaitIsOver() {
        Lease lease = leased(SHARED, 20);
        spend(lease, 18);
        Decision refused = new Rejected("search", SHARED.limit(), 0, 0, Reason.SHARE, 10_000);
        lease.answered(refused, 1, 0, NOW, NOW);

        assertThat(lease.ask(0, MOST, after(15))).isNull();
        assertThat(lease.ask(0, MOST, after(16))).isNotNull();
    }

    /** A request that was overtaken by a change of the policy may have put its limit here again. */
    @Test
    void lease_isNotRenewedByItselfForLongerThanASecond() {
        Lease lease = leased(BASIS, 20);
        while (lease.spend(1) == Spent.ALL) {}

        assertThat(lease.ask(0, 100, NOW + TimeUnit.SECONDS.toNanos(1))).isNull();
        assertThat(lease.ask(0, 100, NOW)).isNotNull();
    }

    /** A request has gone by the limit since: it is known to be in force. */
    @Test
    void ask_aheadALongTimeAfterTheStoreSaidTheLimit_ifARequestWentByItSince() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 5);
        assertThat(lease.decide(new Charge("search", LIMIT, 1), 0, after(600))).isNotNull();

        assertThat(lease.ask(0, 2_000, after(1_050))).isNotNull();
    }

    /** With what is left of it, none can be asked for before it is spent; then it is a new one. */
    @Test
    void ask_afterALostRenewal_onlyWhenAllIsSpent() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 11);
        lease.answered(askedAhead(lease), null, NOW, NOW);
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

    /** One credit to ask, and one to give back, which is kept until then. */
    @Test
    void ask_aheadTwice_eachIsPaid() {
        Lease lease = leased(BASIS, 20);
        spend(lease, 2);
        lease.answered(askedAhead(lease), granted(LIMIT, 20), NOW, NOW);
        assertThat(lease.ask(0, MOST, NOW)).as("one is left").isNull();

        spend(lease, 1);

        assertThat(lease.ask(0, MOST, NOW)).isNotNull();
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
}
