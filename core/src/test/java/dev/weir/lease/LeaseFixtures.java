package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.HeldPermits.Spent;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A client's lease, and the steps to where a test of it begins. */
final class LeaseFixtures {

    static final String CLIENT = "alice";

    /** The monotonic clock overflows during the tests: where it begins is its own affair. */
    static final long NOW = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(50);

    static final Limit LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(10));
    static final LeaseBasis BASIS = new LeaseBasis(LIMIT, null, Overrides.NO_VERSION);
    static final LeaseBasis OTHER =
            new LeaseBasis(Limit.tokenBucket(500, Duration.ofSeconds(10)), null, Overrides.NO_VERSION);

    /** In a pool that no other client uses. */
    static final Share SHARE = new Share(new Pool("all", Limit.tokenBucket(1_000, Duration.ofSeconds(1))), 1);

    static final LeaseBasis SHARED = new LeaseBasis(SHARE.pool().limit(), SHARE, Overrides.NO_VERSION);

    /** The most permits that the instance may hold. */
    static final long MOST = 100;

    /** By which {@link #granted} grants 20 permits. */
    static final Grant GRANT = new Grant(20, 7, 1_000_000);

    private LeaseFixtures() {}

    static long after(long millis) {
        return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** One that has no permits yet. */
    static Lease lease(LeaseBasis basis) {
        return lease(basis, NOW);
    }

    static Lease lease(LeaseBasis basis, long nowNanos) {
        Lease lease = new Lease(Subject.client(CLIENT), "search", nowNanos);
        lease.comeUnder(basis, nowNanos, nowNanos);
        return lease;
    }

    static Lease leased(LeaseBasis basis, long permits) {
        return leased(basis, permits, NOW);
    }

    static Lease leased(LeaseBasis basis, long permits, long nowNanos) {
        Lease lease = lease(basis, nowNanos);
        lease.answered(asked(lease, MOST, nowNanos), granted(basis.limit(), permits), nowNanos, nowNanos);
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

    /** What is asked for before a request needs it. */
    static LeaseCall askedAhead(Lease lease) {
        return Objects.requireNonNull(lease.ask(0, MOST, NOW));
    }

    static StoreReply granted(Limit limit, long permits) {
        return new StoreReply.Leased(
                new Decision.Permitted("search", limit, 900, 0, Reason.OK), new Grant(permits, 7, 1_000_000), 0);
    }

    /** The limit may have changed, and has not. */
    static void recallAndConfirm(Lease lease) {
        lease.recall(after(1));
        lease.comeUnder(BASIS, after(1), after(1));
    }

    static void spend(Lease lease, int requests) {
        for (int i = 0; i < requests; i++) {
            assertThat(lease.spend(1)).isNotEqualTo(Spent.NOTHING);
        }
    }

    /** How many requests it serves until it says that it is low, that one among them; -1 if it never does. */
    static int untilLow(Lease lease) {
        int requests = 1;
        Spent spent = lease.spend(1);
        while (spent == Spent.ALL) {
            requests++;
            spent = lease.spend(1);
        }
        return spent == Spent.NOTHING ? -1 : requests;
    }

    /** What is reported of a lease of 20 permits. */
    static LeaseUse use(long decisions, long cost, long returned, long expired, long calls) {
        return new LeaseUse(decisions, cost, 0, 0, 20, cost, returned, expired, calls);
    }
}
