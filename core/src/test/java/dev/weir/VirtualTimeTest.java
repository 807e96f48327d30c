package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.Admissions;
import dev.weir.lease.Leasing;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole instances on virtual time, in one thread: guard, leases, delay and a shared store behind a network. A run is
 * repeated to the last microsecond by its seed.
 */
class VirtualTimeTest {

    private static final int INSTANCES = 3;
    private static final long BURST = 1_000;
    private static final long PER_SECOND = 1_000;
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /** What a permit's decision may come later than its charge: a round trip. */
    private static final long LATE_NANOS = 2 * MILLI;

    /** Some instances that share one store. */
    private static final class Cluster implements AutoCloseable {

        final FarInstances shared;
        final VirtualScheduler time;
        final List<Weir> instances;

        Cluster(Random random, Leasing leasing) {
            this(random, leasing, Limit.tokenBucket(PER_SECOND, Duration.ofSeconds(1), BURST));
        }

        Cluster(Random random, Leasing leasing, Limit search) {
            shared = FarInstances.open(
                    INSTANCES,
                    random,
                    leasing,
                    Policy.of("search", search),
                    Policy.of("report", Limit.tokenBucket(1, Duration.ofSeconds(1), 1))
                            .maxDelay(Duration.ofSeconds(10)));
            time = shared.time();
            instances = shared.weirs();
        }

        /** The permits of a client that are leased now. */
        long held() {
            return shared.memory().state("alice", "search") instanceof TokenBucketState bucket
                    ? bucket.held().permits()
                    : 0;
        }

        long calls() {
            return shared.networks().stream()
                    .mapToLong(network -> network.calls)
                    .sum();
        }

        @Override
        public void close() {
            shared.close();
        }
    }

    /** When requests of one client were permitted, on any instance. */
    private static List<Long> permitted(Cluster cluster, Random random, long nanos) {
        return permitted(cluster, random, nanos, MILLI);
    }

    /** @param longestNanos between two requests */
    private static List<Long> permitted(Cluster cluster, Random random, long nanos, long longestNanos) {
        List<Long> permitted = new ArrayList<>();
        long endNanos = cluster.time.nanoTime() + nanos;
        while (cluster.time.nanoTime() < endNanos) {
            cluster.time.advance(random.nextInt((int) longestNanos));
            Weir instance = cluster.instances.get(Math.min(random.nextInt(6), INSTANCES - 1));
            if (instance.limiter("search").allow("alice")) {
                permitted.add(cluster.time.nanoTime());
            }
        }
        return permitted;
    }

    /** The most in use at any moment, if each permit is used when its request is permitted. */
    private static double mostInUse(List<Long> permitted) {
        InUse inUse = new InUse(PER_SECOND);
        permitted.forEach(inUse::admitted);
        return inUse.most();
    }

    @ParameterizedTest
    @EnumSource
    void aMinuteOnThreeInstances_neverMoreThanTheLimit(Leasing leasing) {
        Random random = new Random(7);
        try (Cluster cluster = new Cluster(random, leasing)) {
            List<Long> permitted = permitted(cluster, random, 60_000 * MILLI);

            assertThat(permitted).hasSizeGreaterThan((int) (50 * PER_SECOND));
            assertThat(mostInUse(permitted)).isLessThanOrEqualTo(BURST + PER_SECOND * LATE_NANOS / 1e9 + 1);
        }
    }

    @Test
    void clientBelowItsLimit_mostOfItsRequestsNeedNoCall() {
        Random random = new Random(9);
        try (Cluster cluster = new Cluster(random, Leasing.FAST)) {
            long before = cluster.calls();
            List<Long> permitted = permitted(cluster, random, 10_000 * MILLI, 3 * MILLI);

            assertThat(permitted).hasSizeGreaterThan(6_000);
            assertThat(cluster.calls() - before).isLessThan(permitted.size() / 3);
        }
    }

    /** All instances hold leases when the bucket is full again: those are part of the burst, not beside it. */
    @Test
    void bucketThatFillsWhileLeasesAreHeld_neverAboveTheLimit() {
        TokenBucket limit = Limit.tokenBucket(5_000, Duration.ofSeconds(1), 5_000);
        try (Cluster cluster = new Cluster(new Random(13), Leasing.EXACT, limit)) {
            List<RateLimiter> limiters = cluster.instances.stream()
                    .map(instance -> instance.limiter("search"))
                    .toList();
            Admissions admissions = new Admissions(cluster.time);
            long held = 0;
            for (int round = 0; round < 3; round++) {
                ask(limiters, 200, 0, cluster, admissions);
                // More comes back in it than is taken; and no instance is idle for so long that it gives back.
                ask(limiters, 22, 20 * MILLI, cluster, admissions);
                held = Math.max(held, cluster.held());
                takeAll(limiters, admissions);
                cluster.time.advance(1_000 * MILLI); // The bucket is full again.
            }
            assertThat(held).isGreaterThan(100);
            assertThat(admissions.above(limit)).isNotPositive();
        }
    }

    private static void ask(
            List<RateLimiter> limiters, int times, long everyNanos, Cluster cluster, Admissions admissions) {
        for (int i = 0; i < times; i++) {
            cluster.time.advance(everyNanos);
            limiters.forEach(limiter -> admissions.note(1, () -> limiter.allow("alice")));
        }
    }

    /** All that the store has, for requests that no lease has permits for; and then what is leased. */
    private static void takeAll(List<RateLimiter> limiters, Admissions admissions) {
        for (long cost = 4_096; cost > 0; cost /= 2) {
            long most = cost;
            while (admissions.note(most, () -> limiters.get(0).allow("alice", most))) {}
        }
        for (RateLimiter limiter : limiters) {
            while (admissions.note(1, () -> limiter.allow("alice"))) {}
        }
    }

    @Test
    void sameSeed_sameRun_andNoThreadIsMade() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();

        assertThat(run(11)).isEqualTo(run(11));
        assertThat(run(11)).isNotEqualTo(run(12));

        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(
                        thread -> !before.contains(thread) && thread.getName().startsWith("weir"))
                .isEmpty();
    }

    private static List<Long> run(long seed) {
        Random random = new Random(seed);
        try (Cluster cluster = new Cluster(random, Leasing.FAST)) {
            return permitted(cluster, random, 3_000 * MILLI);
        }
    }

    /** Each instance goes on at its share, and no request waits for longer than its deadline. */
    @Test
    void storeIsCutOff_instancesGoOnAtTheirShares_andShareAgainAfterwards() {
        Random random = new Random(3);
        try (Cluster cluster = new Cluster(random, Leasing.FAST)) {
            permitted(cluster, random, 5_000 * MILLI);
            cluster.shared.cut(true);
            long cutNanos = cluster.time.nanoTime();
            List<Long> withoutStore = permitted(cluster, random, 10_000 * MILLI);

            assertThat(cluster.instances).noneMatch(Weir::storeUp);
            assertThat(withoutStore.size())
                    .isLessThanOrEqualTo((int) (BURST + 10 * PER_SECOND + INSTANCES))
                    .isGreaterThan((int) (5 * PER_SECOND));
            assertThat(longestPause(withoutStore, cutNanos)).isLessThan(60 * MILLI);

            cluster.shared.cut(false);
            cluster.time.advance(1_000 * MILLI);
            assertThat(cluster.instances).allMatch(Weir::storeUp);
        }
    }

    private static long longestPause(List<Long> permitted, long fromNanos) {
        long longest = 0;
        long before = fromNanos;
        for (long at : permitted) {
            longest = Math.max(longest, at - before);
            before = at;
        }
        return longest;
    }

    @Test
    void queuedRequests_passInOrder_oneASecond() {
        Random random = new Random(5);
        try (Cluster cluster = new Cluster(random, Leasing.FAST)) {
            Weir weir = cluster.instances.get(0);
            List<PolicyCost> costs = List.of(new PolicyCost("report", 1));
            List<CompletableFuture<Decisions>> answers = IntStream.range(0, 5)
                    .mapToObj(i -> weir.acquireAsync("alice", costs, List.of()))
                    .toList();
            for (int second = 1; second <= 5; second++) {
                int due = second;
                assertThat(answers.stream().filter(CompletableFuture::isDone)).hasSize(due);
                assertThat(answers.subList(0, due))
                        .allMatch(answer -> answer.join().permitted());
                cluster.time.advance(1_010 * MILLI);
            }
        }
    }
}
