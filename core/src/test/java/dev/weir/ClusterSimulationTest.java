package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Many runs of {@link ClusterSimulation}, by seed: {@value #SEEDS_OF_A_BUILD} in a build,
 * {@code -Dweir.cluster.seeds=10000} for more, {@code -Dweir.cluster.seed=N} for one of them with its history.
 *
 * <p>To see that the judge sees, a cure was taken out of the product at a time. Of the seeds of a build these failed:
 *
 * <ul>
 *   <li>what an instance admits alone is not charged ({@code Debts.admitted} returns at once): 61, 81, 98, 105;
 *   <li>a lower count of instances is believed at once ({@code InstanceCount.report}): 1, 26, 33, 50, 56, 85, 90, 95,
 *       103, 146, 155, 162, 171, 184, 189, 195;
 *   <li>an instance goes on with its leases after a change that was made there ({@code LeasingStore.replace} does not
 *       recall them): 94, 100, 101;
 *   <li>it goes on with them after a change of its configuration ({@code Weir.reconfigure} does not recall them): 40;
 *   <li>a refusal is not reviewed ({@code RefusalReview.reconsidered}): 0, 5, 9, 17, 25, 50, 52, 88, 90, 101, 126, 140,
 *       142 and seven more;
 *   <li>a bucket refills behind its leases ({@code TokenBucketState.drains}): 0, 2, 5, 6, 13, 17, 21 and 45 more.
 * </ul>
 *
 * <p>Not seen in 200 seeds: a store that is in force again with its first answer, and calls that do not wait for a
 * debt.
 */
class ClusterSimulationTest {

    private static final long SEEDS_OF_A_BUILD = 200;

    private static final Logger WEIR = Logger.getLogger("dev.weir");
    private static Level before;

    /** Each run loses its store several times, and says so. */
    @BeforeAll
    static void quiet() {
        before = WEIR.getLevel();
        WEIR.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        WEIR.setLevel(before);
    }

    @Test
    void everySeed_keepsEveryPromise() {
        Long only = Long.getLong("weir.cluster.seed");
        long from = only == null ? 0 : only;
        long to = only == null ? Long.getLong("weir.cluster.seeds", SEEDS_OF_A_BUILD) : only + 1;
        long steps = 0;
        long checks = 0;
        for (long seed = from; seed < to; seed++) {
            ClusterSimulation cluster = run(seed);
            steps += cluster.steps();
            checks += cluster.checks();
            if (only != null) {
                System.out.print(cluster.history());
            }
        }
        System.out.printf("%d seeds, %d steps, %d checks%n", to - from, steps, checks);
        assertThat(checks).isGreaterThan(to - from);
    }

    /** Whatever the judge or the limiter throws, an error of the virtual machine too, the failure names the seed. */
    private static ClusterSimulation run(long seed) {
        ClusterSimulation cluster = new ClusterSimulation(seed);
        try (cluster) {
            cluster.run();
        } catch (Throwable e) {
            fail(
                    "%s%nThis reproduces it: mvn test -pl core -Dtest=ClusterSimulationTest -Dweir.cluster.seed=%d%n%s"
                            .formatted(e, seed, cluster.history()),
                    e);
        }
        return cluster;
    }

    @Test
    void sameSeed_sameRunToTheLastEvent() {
        assertThat(trace(3)).isEqualTo(trace(3)).isNotEqualTo(trace(4));
    }

    private static String trace(long seed) {
        try (ClusterSimulation cluster = new ClusterSimulation(seed)) {
            cluster.run();
            return cluster.history() + cluster.steps() + " " + cluster.checks();
        }
    }
}
