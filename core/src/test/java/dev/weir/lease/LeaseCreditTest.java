package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many calls requests take with leases, in virtual time; without, each takes one. The way to the store takes no
 * time.
 */
class LeaseCreditTest {

    private static final TokenBucket LIMIT = Limit.tokenBucket(10_000, Duration.ofSeconds(1));
    private static final LeaseBasis FOOTING = new LeaseBasis(LIMIT, null, Overrides.NO_VERSION);
    private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** One client on one instance. */
    private static final class Instance implements AutoCloseable {

        private final AtomicLong micros = new AtomicLong(1_700_000_000_000_000L);
        private final MemoryStore store = new MemoryStore(micros::get);
        private Lease lease = newLease();
        private long nowNanos;
        private long sweptNanos;
        private long requests;
        private long calls;

        private Lease newLease() {
            return new Lease(Subject.client("alice"), "search", nowNanos);
        }

        void pass(long nanos) {
            long until = nowNanos + nanos;
            while (sweptNanos + SWEEP_NANOS <= until) {
                sweptNanos += SWEEP_NANOS;
                moveTo(sweptNanos);
                call(lease.tend(LIMIT.capacity() / 10, nowNanos));
                lease = lease.isForgotten(nowNanos) ? newLease() : lease;
            }
            moveTo(until);
        }

        private void moveTo(long nanos) {
            micros.addAndGet(nanos / 1_000 - nowNanos / 1_000);
            nowNanos = nanos;
        }

        private void call(@Nullable LeaseCall call) {
            if (call != null) {
                calls++;
                lease.answered(call, store.lease(call).join(), nowNanos, nowNanos);
            }
        }

        boolean ask(long cost) {
            requests++;
            HeldPermits.Spent spent = lease.spend(cost);
            if (spent != HeldPermits.Spent.NOTHING) {
                if (spent == HeldPermits.Spent.ALL_AND_LOW) {
                    call(lease.ask(0, LIMIT.capacity() / 10, nowNanos));
                }
                return true;
            }
            lease.comeUnder(FOOTING, nowNanos, nowNanos);
            LeaseCall ask = lease.ask(cost, LIMIT.capacity() / 10, nowNanos);
            if (ask != null) {
                call(ask);
                return false;
            }
            calls++;
            store.tryAcquire(StoreRequest.of("alice", List.of(new Charge("search", LIMIT, cost))))
                    .join();
            return false;
        }

        @Override
        public void close() {
            store.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"50, 150", "1000, 40", "20, 90", "13, 33", "7, 300"})
    void costsApart_noMoreCallsThanRequests(long cost, long everyMillis) {
        try (Instance instance = new Instance()) {
            for (int i = 0; i < 200; i++) {
                instance.ask(cost);
                instance.pass(TimeUnit.MILLISECONDS.toNanos(everyMillis));
                assertThat(instance.calls).isLessThanOrEqualTo(instance.requests);
            }
        }
    }

    /**
     * So many that a lease is taken with the last one, which then lies about: each time, if nothing is learnt from
     * that.
     */
    @Test
    void burstsThatEndWhereALeaseBegins_noMoreCallsThanRequests() {
        for (int burst = 1; burst <= 40; burst++) {
            try (Instance instance = new Instance()) {
                for (int i = 0; i < 100; i++) {
                    for (int j = 0; j < burst; j++) {
                        instance.ask(1);
                    }
                    instance.pass(TimeUnit.MILLISECONDS.toNanos(i % 2 == 0 ? 400 : 1_500));
                    assertThat(instance.calls).as("bursts of %d", burst).isLessThanOrEqualTo(instance.requests);
                }
            }
        }
    }

    /** What is known of the client is forgotten in between: that is no new credit. */
    @Test
    void fewRequestsNowAndThen_noMoreCallsThanRequests() {
        for (int burst = 1; burst <= 10; burst++) {
            try (Instance instance = new Instance()) {
                for (int i = 0; i < 20; i++) {
                    for (int j = 0; j < burst; j++) {
                        instance.ask(1);
                    }
                    instance.pass(TimeUnit.SECONDS.toNanos(62));
                    assertThat(instance.calls).as("bursts of %d", burst).isLessThanOrEqualTo(instance.requests);
                }
            }
        }
    }

    @Test
    void anyRequests_neverMoreCalls_andFarFewerWhereTheyAreMany() {
        long seed = ThreadLocalRandom.current().nextLong();
        for (int i = 0; i < 200; i++) {
            Random random = new Random(seed + i);
            long mostGapMicros = 1 + random.nextInt(400_000);
            long mostCost = 1 + random.nextInt(random.nextBoolean() ? 4 : 300);
            LongSupplier gap = () -> random.nextInt(4) == 0 ? random.nextLong(mostGapMicros) : random.nextLong(2_000);
            try (Instance instance = new Instance()) {
                for (int j = 0; j < 2_000; j++) {
                    instance.ask(1 + random.nextLong(mostCost));
                    instance.pass(1_000 * gap.getAsLong());
                    assertThat(instance.calls).as("seed %d", seed + i).isLessThanOrEqualTo(instance.requests);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 20", "20, 10, 2", "1, 100, 3"})
    void steadyRequests_saveMostCalls(long cost, long everyMillis, long timesFewer) {
        try (Instance instance = new Instance()) {
            for (int i = 0; i < 2_000; i++) {
                instance.ask(cost);
                instance.pass(TimeUnit.MILLISECONDS.toNanos(everyMillis));
            }
            assertThat(instance.calls * timesFewer).isLessThan(instance.requests);
        }
    }

    /** As if it had been taken: what one request would have spent of it is not there for the next. */
    @ParameterizedTest
    @CsvSource({"8, true", "7, false"})
    void wouldPay_requestsInARow_ifALeaseServesFour(long permits, boolean pays) {
        LeaseCredit credit = new LeaseCredit();
        for (int i = 0; i < 4; i++) {
            assertThat(credit.wouldPay(2, permits, i, 1_000)).isFalse();
        }

        assertThat(credit.wouldPay(2, permits, 4, 1_000)).isEqualTo(pays);
    }

    /** One bad guess must not be the last. */
    @Test
    void leaseThatDidNotPay_isTakenAgainOnceItWould() {
        try (Instance instance = new Instance()) {
            for (int i = 0; i < 6; i++) {
                instance.ask(1);
            }
            assertThat(instance.lease.isLeased()).isTrue();
            instance.pass(TimeUnit.MILLISECONDS.toNanos(1_000));

            for (int i = 0; i < 1_000; i++) {
                instance.ask(1);
                instance.pass(TimeUnit.MILLISECONDS.toNanos(1));
            }
            assertThat(instance.calls).isLessThan(150);
        }
    }
}
