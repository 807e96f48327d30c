package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreReply;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The steps of one lease, each at a time that the test says. */
class LeaseTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    static final String CLIENT = "alice";

    /** The monotonic clock overflows during the tests: where it begins is its own affair. */
    static final long NOW = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(50);

    static Lease leased(long nowNanos) {
        Limit limit = Limit.tokenBucket(1_000, TEN_SECONDS);
        Lease lease = new Lease(Subject.client(CLIENT), "search", nowNanos);
        lease.comeUnder(new LeaseBasis(limit, null, Overrides.NO_VERSION), nowNanos, nowNanos);
        lease.answered(asked(lease, 100, nowNanos), granted(limit, 20), nowNanos, nowNanos);
        return lease;
    }

    /** What is asked for once there have been enough requests. */
    static LeaseCall asked(Lease lease, long most, long nowNanos) {
        for (int i = 0; i < 100; i++) {
            LeaseCall ask = lease.ask(20, most, nowNanos);
            if (ask != null) {
                return ask;
            }
        }
        throw new AssertionError("no lease is asked for");
    }

    static StoreReply granted(Limit limit, long permits) {
        return new StoreReply.Leased(
                new Decision.Permitted("search", limit, 900, 0, Reason.OK), new Grant(permits, 7, 1_000_000), 0);
    }

    @Test
    void exact_endedLease_isNotSpent_beforeTheSweeperHasNoticed() {
        VirtualScheduler time = new VirtualScheduler();
        LeaseTable exact = leases(time, time.nanoTime());
        LeaseTable fast = leases(null, time.nanoTime());

        time.advance(TimeUnit.SECONDS.toNanos(30));

        assertThat(exact.spend(CLIENT, 1)).isFalse();
        assertThat(fast.spend(CLIENT, 1))
                .as("the sweeper has not looked after it")
                .isTrue();
    }

    private static LeaseTable leases(@Nullable Scheduler exact, long nowNanos) {
        LeaseTable leases = new LeaseTable(lease -> {}, exact);
        leases.putIfAbsent(CLIENT, leased(nowNanos));
        return leases;
    }

    /** Its answer comes after the limit was changed, or after permits came back. */
    @Test
    void refusal_ofACallFromBeforeAChange_isNotRemembered() {
        long nowNanos = NOW;
        Limit limit = Limit.tokenBucket(1_000, TEN_SECONDS);
        Lease lease = new Lease(Subject.client(CLIENT), "search", nowNanos);
        LeaseBasis footing = new LeaseBasis(limit, null, Overrides.NO_VERSION);
        lease.comeUnder(footing, nowNanos, nowNanos);
        Decision rejected = new Decision.Rejected("search", limit, 0, 1_000_000, Reason.LIMIT, 1_000_000);
        Charge charge = new Charge("search", limit, 1);

        lease.forgetRefusal(nowNanos + 2_000);
        lease.answered(rejected, 1, 0, nowNanos + 1_000, nowNanos + 3_000);
        assertThat(lease.decide(charge, Overrides.NO_VERSION, nowNanos + 4_000)).isNull();

        lease.answered(rejected, 1, 0, nowNanos + 2_000, nowNanos + 5_000);
        assertThat(lease.decide(charge, Overrides.NO_VERSION, nowNanos + 6_000)).isInstanceOf(Decision.Rejected.class);
    }

    /** What the store refused would pass sooner with the permits that are here. */
    @Test
    void refusal_bindsOnlyCostsThatAreTooLargeWithWhatIsHereAsWell() {
        long nowNanos = NOW;
        Limit limit = Limit.tokenBucket(1_000, TEN_SECONDS);
        Lease lease = leased(nowNanos);
        Decision rejected = new Decision.Rejected("search", limit, 0, 1_000_000, Reason.LIMIT, 1_000_000);
        lease.answered(rejected, 30, 0, nowNanos, nowNanos);

        assertThat(lease.hasPermits()).isTrue();
        assertThat(lease.decide(new Charge("search", limit, 49), Overrides.NO_VERSION, nowNanos))
                .isNull();
        assertThat(lease.decide(new Charge("search", limit, 50), Overrides.NO_VERSION, nowNanos))
                .isInstanceOf(Decision.Rejected.class);
    }

    /** The answer to a renewal that was under way when the process was stopped. */
    @Test
    void renewalAnsweredAfterTheEnd_doesNotBringBackWhatWasLeft() {
        long nowNanos = NOW;
        long endedNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(900);
        Lease lease = leased(nowNanos);
        for (int i = 0; i < 15; i++) {
            assertThat(lease.decide(new Charge("search", Limit.tokenBucket(1_000, TEN_SECONDS), 1), 0, nowNanos))
                    .isNotNull();
        }
        long askedNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(700);
        LeaseCall renewal = lease.ask(0, 2_000, askedNanos);
        assertThat(renewal).isNotNull();
        assertThat(renewal.left()).isEqualTo(5);

        lease.answered(renewal, granted(renewal.limit(), 25), askedNanos, endedNanos);

        assertThat(lease.spend(21, endedNanos)).isEqualTo(HeldPermits.Spent.NOTHING);
        assertThat(lease.spend(20, endedNanos)).isNotEqualTo(HeldPermits.Spent.NOTHING);
    }

    /** The store may have carried it over, or not: what is said of it could mean another instance's. */
    @Test
    void renewalWithoutAnAnswer_leaseIsSpentToItsEnd_andNeverMentionedAgain() {
        long nowNanos = NOW;
        Lease lease = leased(nowNanos);
        while (lease.spend(1) == HeldPermits.Spent.ALL) {}
        LeaseCall renewal = lease.ask(0, 100, nowNanos);
        assertThat(renewal).isNotNull();
        assertThat(renewal.left()).isGreaterThan(2);

        lease.answered(renewal, null, nowNanos, nowNanos);

        long idleNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(150);
        assertThat(lease.ask(50, 100, nowNanos)).isNull();
        assertThat(lease.tend(100, idleNanos)).isNull();
        assertThat(lease.giveBack(idleNanos)).isNull();
        assertThat(lease.spend(1)).isNotEqualTo(HeldPermits.Spent.NOTHING);
        LeaseCall next = asked(lease, 100, nowNanos + TimeUnit.MILLISECONDS.toNanos(800));
        assertThat(next.lease()).isEqualTo(Grant.NONE);
        assertThat(lease.spend(1)).as("its time is over").isEqualTo(HeldPermits.Spent.NOTHING);
    }

    /** Of a limit that is not in force any more: a request that goes by another is not refused for it. */
    @Test
    void refusalAnsweredAfterTheLimitWasChanged_bindsNoRequest() {
        long nowNanos = NOW;
        Limit small = Limit.tokenBucket(200, TEN_SECONDS);
        Limit large = Limit.tokenBucket(2_000, TEN_SECONDS);
        Lease lease = new Lease(Subject.client(CLIENT), "search", nowNanos);
        lease.comeUnder(new LeaseBasis(small, null, Overrides.NO_VERSION), nowNanos, nowNanos);
        LeaseCall ask = asked(lease, 100, nowNanos);
        lease.comeUnder(new LeaseBasis(large, null, Overrides.NO_VERSION), nowNanos, nowNanos);

        Decision rejected = new Decision.Rejected("search", small, 0, 1_000_000, Reason.LIMIT, 1_000_000);
        lease.answered(ask, new StoreReply.Leased(rejected, Grant.NONE, 0), nowNanos, nowNanos);

        assertThat(lease.decide(new Charge("search", large, 50), Overrides.NO_VERSION, nowNanos))
                .isNull();
    }

    /** A request that was overtaken by a change of the policy may have put its limit here again. */
    @Test
    void lease_isNotRenewedByItselfForLongerThanASecond() {
        long nowNanos = NOW;
        Lease lease = leased(nowNanos);
        while (lease.spend(1) == HeldPermits.Spent.ALL) {}

        assertThat(lease.ask(0, 100, nowNanos + TimeUnit.SECONDS.toNanos(1))).isNull();
        assertThat(lease.ask(0, 100, nowNanos)).isNotNull();
    }

    @Test
    void lowLease_saysSoOnce() {
        Lease lease = leased(NOW);
        int said = 0;
        for (int i = 0; i < 20; i++) {
            said += lease.spend(1) == HeldPermits.Spent.ALL_AND_LOW ? 1 : 0;
        }
        assertThat(said).isEqualTo(1);
    }
}
