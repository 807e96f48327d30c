package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.ScaleSetting.Demand;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A few cells of the table that the command {@code lease-scale} of the benchmarks prints. */
class ScaleSimulationTest {

    private static final int INSTANCES = 16;
    private static final long PER_INSTANCE = 500;

    static Stream<Arguments> cells() {
        return Stream.of(Demand.values())
                .flatMap(demand -> Stream.of(0.9, 1.5)
                        .flatMap(load -> Stream.of(0.0, 0.25)
                                .flatMap(cut -> Stream.of(1_000L, 50_000L)
                                        .map(roundTrip -> Arguments.of(demand, load, cut, roundTrip)))));
    }

    private static ScaleSetting setting(Demand demand, double load, double cut, long roundTripMicros, long seed) {
        return new ScaleSetting(
                INSTANCES, PER_INSTANCE, load, demand, roundTripMicros, cut, 50_000, Duration.ofSeconds(1), seed);
    }

    @ParameterizedTest
    @MethodSource("cells")
    void instancesThatLease_admitWhatOneLimitAdmits(Demand demand, double load, double cut, long roundTripMicros) {
        ScaleOutcome outcome = new ScaleSimulation(setting(demand, load, cut, roundTripMicros, 1)).run();

        assertThat(outcome.overAdmitted()).as("%s", outcome).isZero();
        assertThat(outcome.falseDenials()).as("%s", outcome).isZero();
        assertThat(outcome.use()).as("%s", outcome).isGreaterThan(0.99);
    }

    @Test
    void requestsBelowTheLimit_oneCallInTwenty() {
        ScaleOutcome outcome = new ScaleSimulation(setting(Demand.UNIFORM, 0.9, 0, 1_000, 1)).run();

        assertThat(outcome.callsPerDecision()).isBetween(0.01, 0.05);
    }

    /** However many requests come together, and however far the store is: one call for each permit that comes back. */
    @ParameterizedTest
    @CsvSource({
        "100, 200", "100, 1000", "100, 5000", "100, 8000",
        "500, 200", "500, 1000", "500, 5000", "500, 8000",
        "1000, 200", "1000, 1000", "1000, 5000", "1000, 8000"
    })
    void clientFarAboveItsLimit_oneCallForAPermit(long permits, long roundTripMicros) {
        ScaleSetting setting =
                new ScaleSetting(1, permits, 20, Demand.UNIFORM, roundTripMicros, 0, 500, Duration.ofSeconds(1), 1);

        ScaleOutcome outcome = new ScaleSimulation(setting).run();

        assertThat(outcome.overAdmitted()).as("%s", outcome).isZero();
        assertThat(outcome.falseDenials()).as("%s", outcome).isZero();
        assertThat(outcome.use()).as("%s", outcome).isGreaterThan(0.98);
        assertThat((double) outcome.calls() / outcome.permitted())
                .as("%s", outcome)
                .isLessThan(1.1);
    }

    /** Random settings: each is judged at every request. */
    @Test
    void randomSettings_neverAboveTheLimit_noFalseDenial_nearlyAllOfItUsed() {
        for (int seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            ScaleSetting setting = new ScaleSetting(
                    1 + random.nextInt(4),
                    20 + random.nextInt(200),
                    0.5 + random.nextInt(50) / 10.0,
                    random.nextBoolean() ? Demand.UNIFORM : Demand.ZIPF,
                    100 + random.nextInt(8_000),
                    0,
                    50,
                    Duration.ofSeconds(1),
                    seed);

            ScaleOutcome outcome = new ScaleSimulation(setting).run();

            assertThat(outcome.overAdmitted()).as("%s: %s", setting, outcome).isZero();
            assertThat(outcome.falseDenials()).as("%s: %s", setting, outcome).isZero();
            assertThat(outcome.use()).as("%s: %s", setting, outcome).isGreaterThan(0.97);
        }
    }

    @Test
    void sameSeed_sameRun() {
        ScaleSetting setting = setting(Demand.ZIPF, 1.5, 0.25, 10_000, 7);

        ScaleOutcome outcome = new ScaleSimulation(setting).run();

        assertThat(new ScaleSimulation(setting).run()).isEqualTo(outcome);
        assertThat(new ScaleSimulation(setting(Demand.ZIPF, 1.5, 0.25, 10_000, 8)).run())
                .isNotEqualTo(outcome);
    }

    /** The judge is judged. */
    @Test
    void storeThatForgetsWhatItHasLent_overAdmissionIsFound() {
        ScaleSetting setting = setting(Demand.UNIFORM, 1.5, 0, 1_000, 1);

        assertThat(new ScaleSimulation(setting, true).run().overAdmitted()).isPositive();
    }

    /** A refusal is remembered by the instance's clock, in whole microseconds of the store's. */
    @Test
    void noRoundTripAtAll_slowClock_falseDenialsAreFound_andAreMicrosecondsLate() {
        ScaleOutcome outcome = new ScaleSimulation(setting(Demand.ZIPF, 1.5, 0, 0, 1)).run();

        assertThat(outcome.falseDenials()).isPositive();
        assertThat(outcome.latestMicros()).isBetween(1L, 20L);
    }
}
