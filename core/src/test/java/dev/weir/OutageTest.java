package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import dev.weir.limit.Split;
import dev.weir.limit.State;
import dev.weir.limit.Terms;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.FarStore;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three instances and a store that goes and comes, on virtual time: what is admitted over the whole run, with the
 * outages, is what one limit admits.
 */
class OutageTest {

    private static final int INSTANCES = 3;
    private static final long PER_SECOND = 500;
    private static final TokenBucket LIMIT = Limit.tokenBucket(PER_SECOND, Duration.ofSeconds(1));
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /** How a store is away, and comes back. */
    private enum Away {
        CUT_OFF {
            @Override
            void leave(FarStore network) {
                network.isCut = true;
            }

            @Override
            void comeBack(FarStore network) {
                network.isCut = false;
            }
        },
        STOPPED {
            @Override
            void leave(FarStore network) {
                network.stop();
            }

            @Override
            void comeBack(FarStore network) {
                network.goOn();
            }
        };

        abstract void leave(FarStore network);

        abstract void comeBack(FarStore network);
    }

    /** Instances that share one store, and the requests that they have permitted. */
    private static final class Cluster implements AutoCloseable {

        final Random random;
        final FarInstances shared;
        final VirtualScheduler time;
        final InUse inUse = new InUse(PER_SECOND);
        long permitted;

        Cluster(long seed, Leasing leasing, Policy... policies) {
            random = new Random(seed);
            shared = FarInstances.open(INSTANCES, random, leasing, policies);
            time = shared.time();
        }

        /** Many more requests than the limit permits, on any instance. */
        void hammer(long millis) {
            ask(millis, 600_000, any -> true);
        }

        /** @param longestNanos between two requests */
        void ask(long millis, int longestNanos, IntPredicate isAsked) {
            long endNanos = time.nanoTime() + millis * MILLI;
            while (time.nanoTime() < endNanos) {
                time.advance(random.nextInt(longestNanos));
                int instance = random.nextInt(INSTANCES);
                if (isAsked.test(instance) && allow(instance)) {
                    inUse.admitted(time.nanoTime());
                    permitted++;
                }
            }
        }

        boolean allow(int instance) {
            return shared.weirs().get(instance).limiter("search").allow("alice");
        }

        void all(Consumer<FarStore> change) {
            shared.networks().forEach(change);
        }

        @Override
        public void close() {
            shared.close();
        }
    }

    /**
     * What may be in use above the burst while the store comes back: what is rounded up for each instance, requests of
     * unknown outcome, and what other instances have not charged yet when the first one shares again.
     */
    private static final long NOT_YET_CHARGED = LIMIT.capacity() / 3;

    @ParameterizedTest
    @EnumSource
    void storeThatStutters_admitsWhatOneLimitAdmits(Away away) {
        try (Cluster cluster = new Cluster(1, Leasing.FAST, Policy.of("search", LIMIT))) {
            long startNanos = cluster.time.nanoTime();
            cluster.hammer(2_000);
            for (int i = 0; i < 20; i++) {
                cluster.all(away::leave);
                cluster.hammer(500);
                cluster.all(away::comeBack);
                cluster.hammer(500);
            }
            double seconds = (cluster.time.nanoTime() - startNanos) / 1e9;
            double bound = LIMIT.capacity() + PER_SECOND * seconds;
            assertThat((double) cluster.permitted)
                    .as("most in use: %.0f", cluster.inUse.most())
                    .isBetween(0.9 * bound, 1.02 * bound);
            assertThat(cluster.inUse.most()).isLessThan(LIMIT.capacity() + NOT_YET_CHARGED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void outageOfTwoSeconds_drainedClient_getsItsRateAndNoMore(Away away) {
        try (Cluster cluster = new Cluster(2, Leasing.FAST, Policy.of("search", LIMIT))) {
            cluster.hammer(3_000);
            cluster.all(away::leave);
            cluster.hammer(2_000);
            cluster.all(away::comeBack);
            cluster.hammer(3_000);

            assertThat(cluster.inUse.most()).isLessThan(LIMIT.capacity() + NOT_YET_CHARGED);
        }
    }

    /** What has drained is not charged: it is not shut out for what it had half a minute ago. */
    @ParameterizedTest
    @EnumSource
    void outageOfThirtySeconds_clientThatUsedItsRate_isServedAtItAtOnce(Away away) {
        try (Cluster cluster = new Cluster(3, Leasing.FAST, Policy.of("search", LIMIT))) {
            cluster.hammer(3_000);
            cluster.all(away::leave);
            cluster.hammer(30_000);
            cluster.all(away::comeBack);
            long before = cluster.permitted;
            cluster.hammer(1_000);

            assertThat(cluster.permitted - before).isBetween(450L, PER_SECOND + NOT_YET_CHARGED);
            assertThat(cluster.inUse.most()).isLessThan(LIMIT.capacity() + NOT_YET_CHARGED);
        }
    }

    /** The requests come to one instance during the outage, and to another after it. */
    @Test
    void outage_clientThatDoesNotComeBack_isChargedInTheBackground() {
        try (Cluster cluster = new Cluster(4, Leasing.OFF, Policy.of("search", LIMIT))) {
            cluster.hammer(3_000);
            cluster.all(Away.CUT_OFF::leave);
            cluster.ask(2_000, 600_000, instance -> instance == 0);
            cluster.all(Away.CUT_OFF::comeBack);
            cluster.time.advance(1_000 * MILLI);
            double used = LIMIT.capacity() - remaining(cluster.shared.memory(), "search");

            assertThat(used).isGreaterThanOrEqualTo(Math.max(0, cluster.inUse.now() - PER_SECOND));
            assertThat(cluster.allow(1)).isTrue();
        }
    }

    /** As in a rolling update that follows an outage at once: no other instance knows what is owed. */
    @Test
    void outage_instanceThatEndsRightAfterIt_chargesAllFirst() {
        int clients = 1_000;
        Limit slow = Limit.tokenBucket(900, Duration.ofDays(1));
        try (Cluster cluster = new Cluster(7, Leasing.OFF, Policy.of("search", slow))) {
            Weir weir = cluster.shared.weirs().get(0);
            cluster.all(Away.CUT_OFF::leave);
            cluster.time.advance(1_000 * MILLI);
            for (int i = 0; i < clients; i++) {
                assertThat(weir.limiter("search").allow("client-" + i)).isTrue();
            }
            cluster.all(Away.CUT_OFF::comeBack);
            while (weir.debts() == clients) {
                cluster.time.advance(MILLI);
            }
            assertThat(weir.debts()).as("not yet charged").isGreaterThan(clients / 2);

            weir.close();

            for (int i = 0; i < clients; i++) {
                assertThat(used(cluster, "client-" + i, "search")).isEqualTo(1);
            }
        }
    }

    private static long remaining(MemoryStore memory, String policy) {
        StoreRequest never = StoreRequest.of("alice", List.of(new Charge(policy, LIMIT, LIMIT.capacity() + 1)));
        return ((StoreReply.Decided) memory.decide(never)).decisions().get(0).remaining();
    }

    /** Its memory costs a burst, once; what was admitted meanwhile is charged to it all the same. */
    @Test
    void storeThatLostItsState_costsABurstAndNoMore() {
        try (Cluster cluster = new Cluster(5, Leasing.FAST, Policy.of("search", LIMIT))) {
            cluster.hammer(3_000);
            cluster.all(Away.CUT_OFF::leave);
            cluster.hammer(3_000);
            try (MemoryStore empty = new MemoryStore(cluster.time)) {
                cluster.all(network -> network.store = empty);
                cluster.all(Away.CUT_OFF::comeBack);
                cluster.hammer(3_000);
            }
            assertThat(cluster.inUse.most())
                    .as("all of a burst has been admitted meanwhile, and is owed")
                    .isLessThan(LIMIT.capacity() + NOT_YET_CHARGED);
        }
    }

    /** A split's parts and their whole, under two policies: each is owed under its own name. */
    @Test
    void severalPoliciesAndASplit_eachIsOwed() {
        Limit slow = Limit.tokenBucket(900, Duration.ofDays(1));
        Policy search = Policy.of("search", slow).allClients(new Terms(null, null, Split.of(50, 50)));
        try (Cluster cluster = new Cluster(6, Leasing.OFF, search, Policy.of("all", slow))) {
            List<PolicyCost> costs = List.of(new PolicyCost("search", 1), new PolicyCost("all", 1));
            Weir weir = cluster.shared.weirs().get(0);
            cluster.all(Away.CUT_OFF::leave);
            cluster.time.advance(1_000 * MILLI);
            for (int i = 0; i < 60; i++) {
                assertThat(weir.tryAcquire("alice", costs).permitted()).isTrue();
            }
            cluster.all(Away.CUT_OFF::comeBack);
            cluster.time.advance(2_000 * MILLI);

            assertThat(used(cluster, "all")).isEqualTo(60);
            assertThat(used(cluster, "search")).isEqualTo(60);
            assertThat(used(cluster, "search#0")).isBetween(1L, 59L);
            assertThat(used(cluster, "search#0") + used(cluster, "search#1")).isEqualTo(60);
        }
    }

    private static long used(Cluster cluster, String usage) {
        return used(cluster, "alice", usage);
    }

    private static long used(Cluster cluster, String client, String usage) {
        State state = cluster.shared.memory().state(client, usage);
        return state == null ? 0 : state.permitsUsed(cluster.time.clock().nowMicros());
    }
}
