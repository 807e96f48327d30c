package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResultsTest {

    private static final String KEY = "perSecond";

    private static Results of(Measurement... measurements) {
        return new Results("", "", Map.of(), Set.of(), List.of(measurements), List.of());
    }

    private static Measurement measured(String scenario, String row, int repetition, double value) {
        return new Measurement(scenario, row, repetition, Map.of(KEY, value));
    }

    @Test
    void spread_isOfThatScenarioAndRowAlone() {
        Results results = of(
                measured("redis", "ours", 0, 10),
                measured("redis", "ours", 1, 30),
                measured("redis", "theirs", 0, 1),
                measured("http", "ours", 0, 1_000));
        assertThat(results.spread("redis", "ours", KEY)).contains(new Spread(20, 10, 30));
        assertThat(results.spread("redis", "nobody", KEY)).isEmpty();
        assertThat(results.spread("redis", "ours", "p50Micros")).isEmpty();
    }

    /** The machine was busy in the second repetition: both got half as far, and the ratio is what it was. */
    @Test
    void ratio_isTakenWithinEachRepetition() {
        Results results = of(
                measured("redis", "ours", 0, 100),
                measured("redis", "theirs", 0, 20),
                measured("redis", "theirs", 1, 10),
                measured("redis", "ours", 1, 50));
        assertThat(results.ratio("redis", "ours", "theirs", KEY)).contains(new Spread(5, 5, 5));
    }

    @Test
    void ratio_leavesOutRepetitionsThatOneOfThemMissed() {
        Results results = of(
                measured("redis", "ours", 0, 100),
                measured("redis", "ours", 1, 80),
                measured("redis", "theirs", 1, 20),
                measured("redis", "theirs", 2, 1));
        assertThat(results.ratio("redis", "ours", "theirs", KEY)).contains(new Spread(4, 4, 4));
    }

    @Test
    void ratio_withoutCommonRepetition_isEmpty() {
        Results results = of(measured("redis", "ours", 0, 100), measured("redis", "theirs", 1, 20));
        assertThat(results.ratio("redis", "ours", "theirs", KEY)).isEmpty();
    }
}
