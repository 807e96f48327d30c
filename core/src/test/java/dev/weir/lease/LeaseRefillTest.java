package dev.weir.lease;

import static dev.weir.lease.LeaseTest.CLIENT;
import static dev.weir.lease.LeaseTest.NOW;
import static dev.weir.lease.LeaseTest.asked;
import static dev.weir.lease.LeaseTest.granted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.HeldPermits.Spent;
import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a lease says that it is low, and what is asked for then. */
class LeaseRefillTest {

    static final Limit LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(10));
    static final LeaseBasis BASIS = new LeaseBasis(LIMIT, null, Overrides.NO_VERSION);
    static final LeaseBasis OTHER =
            new LeaseBasis(Limit.tokenBucket(500, Duration.ofSeconds(10)), null, Overrides.NO_VERSION);
    static final long MOST = 100;

    static Lease lease(LeaseBasis basis) {
        Lease lease = new Lease(Subject.client(CLIENT), "search", NOW);
        lease.comeUnder(basis, NOW, NOW);
        return lease;
    }

    static Lease leased(LeaseBasis basis, long permits) {
        Lease lease = lease(basis);
        lease.answered(asked(lease, MOST, NOW), granted(basis.limit(), permits), NOW, NOW);
        return lease;
    }

    static long after(long millis) {
        return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    static void spend(Lease lease, int requests) {
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
}
