package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResultsTest {

    private static final String SCENARIO = "redis";
    private static final String OURS = "ours";
    private static final String THEIRS = "theirs";
    private static final String KEY = "perSecond";

    private static Results of(Measurement... measurements) {
        return new Results("", "", Map.of(), Set.of(), List.of(measurements), List.of());
    }

    private static Measurement ours(int repetition, double value) {
        return new Measurement(SCENARIO, OURS, repetition, Map.of(KEY, value));
    }

    private static Measurement theirs(int repetition, double value) {
        return new Measurement(SCENARIO, THEIRS, repetition, Map.of(KEY, value));
    }

    private static Optional<Spread> ratio(Measurement... measurements) {
        return of(measurements).ratio(SCENARIO, OURS, THEIRS, KEY);
    }

    @Test
    void spread_isOfThatScenarioAndRowAlone() {
        Results results =
                of(ours(0, 10), ours(1, 30), theirs(0, 1), new Measurement("http", OURS, 0, Map.of(KEY, 1_000.0)));
        assertThat(results.spread(SCENARIO, OURS, KEY)).contains(new Spread(20, 10, 30));
        assertThat(results.spread(SCENARIO, "nobody", KEY)).isEmpty();
        assertThat(results.spread(SCENARIO, OURS, "p50Micros")).isEmpty();
    }

    /** The machine was busy in the second repetition: both got half as far, and the ratio is what it was. */
    @Test
    void ratio_isTakenWithinEachRepetition() {
        assertThat(ratio(ours(0, 100), theirs(0, 20), theirs(1, 10), ours(1, 50)))
                .contains(new Spread(5, 5, 5));
    }

    @Test
    void ratio_leavesOutRepetitionsThatOneOfThemMissed() {
        assertThat(ratio(ours(0, 100), ours(1, 80), theirs(1, 20), theirs(2, 1)))
                .contains(new Spread(4, 4, 4));
    }

    @Test
    void ratio_withoutCommonRepetition_isEmpty() {
        assertThat(ratio(ours(0, 100), theirs(1, 20))).isEmpty();
    }
}
