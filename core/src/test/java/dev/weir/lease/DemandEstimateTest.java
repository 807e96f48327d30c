package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.DemandEstimate.Need;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much is held in advance, by what was asked for lately. */
class DemandEstimateTest {

    private static final long NOW = Long.MAX_VALUE - 1_000;
    private static final Limit LIMIT = Limit.tokenBucket(10_000, Duration.ofSeconds(1));
    private static final LeaseBasis OWN = new LeaseBasis(LIMIT, null, Overrides.NO_VERSION);

    private final DemandEstimate demand = new DemandEstimate(NOW);

    private static LeaseBasis shared(long perSecond, long burst) {
        Pool pool = new Pool("all", Limit.tokenBucket(perSecond, Duration.ofSeconds(1), burst));
        return new LeaseBasis(pool.limit(), new Share(pool, 1), Overrides.NO_VERSION);
    }

    private static long after(long millis) {
        return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void add(int requests, long costOfEach) {
        for (int i = 0; i < requests; i++) {
            demand.add(costOfEach, 1);
        }
    }

    private long neededAfter(long millis) {
        return demand.need(OWN, 1_000, after(millis)).permits();
    }

    @Test
    void need_tenPermitsInTheHorizon_asMany_fewerAreNotWorthALease() {
        add(9, 1);
        assertThat(demand.need(OWN, 100, NOW)).isEqualTo(new Need(0, false));
        assertThat(demand.isHigh(OWN, NOW)).isFalse();

        add(1, 1);
        assertThat(demand.need(OWN, 100, NOW)).isEqualTo(new Need(10, false));
        assertThat(demand.isHigh(OWN, NOW)).isTrue();
    }

    @Test
    void need_moreThanMayBeHeld_noMoreThanThat() {
        add(500, 1);

        assertThat(demand.need(OWN, 100, NOW)).isEqualTo(new Need(100, false));
    }

    /** In the 800 ms that are used of a lease's life it is eight times as much. */
    @Test
    void need_atMostATenthOfWhatMayBeHeld_enoughForTheWholeLife() {
        add(10, 1);

        assertThat(demand.need(OWN, 800, NOW)).isEqualTo(new Need(80, true));
        assertThat(demand.need(OWN, 799, NOW)).isEqualTo(new Need(10, false));
    }

    @Test
    void need_oneRequest_saysNothingOfTheNext() {
        add(1, 100);

        assertThat(demand.need(OWN, 1_000, NOW).permits()).isZero();
        assertThat(demand.isHigh(OWN, NOW)).isFalse();
        assertThat(demand.isHigh(OWN, after(25))).as("it was a rate by then").isTrue();
    }

    @Test
    void need_largeCosts_worthItFromFourRequestsOn() {
        add(3, 50);
        assertThat(demand.need(OWN, 200, NOW).permits()).isZero();

        add(1, 50);
        assertThat(demand.need(OWN, 200, NOW).permits()).isEqualTo(200);
        assertThat(demand.need(OWN, 199, NOW).permits())
                .as("three of four are served")
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"3, 0", "4, 200"})
    void need_largeCostsInTheWholeHorizon_worthItFromFourRequestsOnAsWell(int requests, long permits) {
        add(requests, 50);

        assertThat(neededAfter(100)).isEqualTo(permits);
    }

    @Test
    void need_afterAQuarterOfTheHorizon_byTheRate_andHalfAsMuchWithEachQuietOne() {
        add(10, 2);

        assertThat(neededAfter(24)).isEqualTo(20);
        assertThat(neededAfter(25)).isEqualTo(80);
        assertThat(neededAfter(49)).isEqualTo(80);
        assertThat(neededAfter(50)).isEqualTo(40);
        assertThat(neededAfter(75)).isEqualTo(20);
    }

    @Test
    void need_lessThanBefore_halfWay() {
        add(10, 2);
        neededAfter(25);

        add(10, 1);

        assertThat(neededAfter(50)).isEqualTo(60);
    }

    @Test
    void need_moreThanBefore_atOnce() {
        add(10, 1);
        neededAfter(100);

        add(30, 1);

        assertThat(neededAfter(101)).isEqualTo(30);
        assertThat(neededAfter(200)).isEqualTo(30);
    }

    /** From a pool for 16 ms, or for a fifth of the time in which its burst drains, and never for longer. */
    @Test
    void need_ofAPool_forAShorterTime() {
        add(100, 1);

        assertThat(demand.need(shared(1_000, 1_000), 10_000, NOW)).isEqualTo(new Need(16, false));
        assertThat(demand.need(shared(1_000, 50), 10_000, NOW)).isEqualTo(new Need(10, false));
    }

    @Test
    void need_ofAPool_worthItFromTwoPermitsOn() {
        add(12, 1);
        assertThat(demand.need(shared(1_000, 1_000), 100, NOW).permits()).isZero();
        assertThat(demand.isHigh(shared(1_000, 1_000), NOW)).isFalse();

        add(1, 1);
        assertThat(demand.need(shared(1_000, 1_000), 100, NOW).permits()).isEqualTo(2);
        assertThat(demand.isHigh(shared(1_000, 1_000), NOW)).isTrue();
    }
}
