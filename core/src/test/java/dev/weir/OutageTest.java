package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FarStore;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
        final VirtualScheduler time = new VirtualScheduler();
        final MemoryStore memory = new MemoryStore(time);
        final List<FarStore> networks = new ArrayList<>();
        final List<Weir> instances = new ArrayList<>();
        final List<Long> permitted = new ArrayList<>();
        double inUse;
        double mostInUse;
        private long beforeNanos;

        Cluster(long seed, Leasing leasing, Policy... policies) {
            random = new Random(seed);
            Set<String> alive = new HashSet<>();
            for (int i = 0; i < INSTANCES; i++) {
                FarStore network = new FarStore(memory, alive, time, random);
                networks.add(network);
                instances.add(Weir.builder()
                        .store(network)
                        .instanceId("instance-" + i)
                        .leasing(leasing)
                        .scheduler(time)
                        .draws(() -> random.nextInt(1 << 16))
                        .policies(List.of(policies))
                        .build());
            }
            time.advance(1_000 * MILLI); // Each has seen the others.
        }

        /** Many more requests than the limit permits, on any instance. */
        void hammer(long millis) {
            ask(millis, 600_000, any -> true);
        }

        /** @param longestNanos between two requests */
        void ask(long millis, int longestNanos, java.util.function.IntPredicate isAsked) {
            long endNanos = time.nanoTime() + millis * MILLI;
            while (time.nanoTime() < endNanos) {
                time.advance(random.nextInt(longestNanos));
                int instance = random.nextInt(INSTANCES);
                if (isAsked.test(instance) && allow(instance)) {
                    note();
                }
            }
        }

        boolean allow(int instance) {
            return instances.get(instance).limiter("search").allow("alice");
        }

        private void note() {
            long nowNanos = time.nanoTime();
            inUse = Math.max(0, inUse - (nowNanos - beforeNanos) * PER_SECOND / 1e9) + 1;
            mostInUse = Math.max(mostInUse, inUse);
            beforeNanos = nowNanos;
            permitted.add(nowNanos);
        }

        void all(Consumer<FarStore> change) {
            networks.forEach(change);
        }

        @Override
        public void close() {
            instances.forEach(Weir::close);
            memory.close();
        }
    }

    /** How often a request's outcome is unknown, and so not owed: those in flight when the store goes. */
    private static final long UNKNOWN = 3 * INSTANCES;

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
            System.out.printf(
                    "stutter %s: admitted %d of %.0f, most in use %.0f of %d%n",
                    away, cluster.permitted.size(), bound, cluster.mostInUse, LIMIT.capacity());
            assertThat((double) cluster.permitted.size()).isBetween(0.9 * bound, 1.02 * bound);
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

            System.out.printf("2 s %s: most in use %.1f%n", away, cluster.mostInUse);
            assertThat(cluster.mostInUse).isLessThan(LIMIT.capacity() + UNKNOWN);
        }
    }
}
