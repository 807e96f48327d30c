package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final String KEY = "value";

    /** Rows ours, theirs and a floor, of which nothing is measured here. */
    private record Fixed(boolean lessIsBetter) implements Scenario {

        @Override
        public String part() {
            return "fixed";
        }

        @Override
        public String description() {
            return "A fixed scenario";
        }

        @Override
        public List<String> rows() {
            return List.of("Weir", "Other", "Floor");
        }

        @Override
        public List<Column> columns() {
            return List.of(new Column(KEY, "values", 1));
        }

        @Override
        public Pace pace() {
            return Pace.of(2, 0, 0);
        }

        @Override
        public Map<String, Double> measure(String row) {
            throw new UnsupportedOperationException();
        }
    }

    private static Measurement measured(String row, int repetition, double value) {
        return new Measurement("fixed", row, repetition, Map.of(KEY, value));
    }

    private static Report report(boolean lessIsBetter, Measurement... measurements) {
        Results results = new Results(
                "benchmarks compare",
                "2026-11-21",
                Map.of("Redis", "7"),
                Set.of("other-1.0"),
                List.of(measurements),
                List.of("fixed, Other, repetition 3: no answer"));
        return new Report(List.of(new Fixed(lessIsBetter)), results);
    }

    @Test
    void markdown_moreIsBetter_dividesOursByTheirs() {
        String table = report(false, measured("Weir", 0, 40), measured("Other", 0, 10), measured("Floor", 0, 80))
                .markdown("compare");
        assertThat(table)
                .contains(
                        "|  | values | times the floor's | \"Weir\" is better by |",
                        "| Weir | 40.0 | 0.5 |  |",
                        "| Other | 10.0 | 0.125 | 4 |",
                        "| Floor | 80.0 | 1 | 0.5 |");
    }

    @Test
    void markdown_lessIsBetter_dividesTheirsByOurs() {
        String table = report(
                        true,
                        measured("Weir", 0, 40),
                        measured("Other", 0, 10),
                        measured("Weir", 1, 20),
                        measured("Other", 1, 10))
                .markdown("compare");
        assertThat(table)
                .contains(
                        "| Weir | 30.0 (20.0 – 40.0) | – |  |",
                        "| Other | 10.0 | – | 0.375 (0.25 – 0.5) |",
                        "| Floor | – | – | – |");
    }

    @Test
    void markdown_tellsWhatWasNotMeasured_andWithWhat() {
        assertThat(report(false).markdown("compare"))
                .contains("**not measured**: fixed, Other, repetition 3: no answer", "Redis: 7", "other-1.0");
    }

    @Test
    void write_leavesTableChartAndEveryValue(@TempDir Path directory) throws Exception {
        report(false, measured("Weir", 0, 40), measured("Floor", 0, 80)).write(directory.resolve("new"), "compare");
        assertThat(Files.readString(directory.resolve("new/compare.json")))
                .contains("\"row\" : \"Weir\"", "\"value\" : 40.0");
        assertThat(Files.readString(directory.resolve("new/compare.svg")))
                .contains("<svg", "Weir", "Floor")
                .containsPattern(">\\s*40\\s*<")
                .containsPattern(">\\s*80\\s*<");
        assertThat(directory.resolve("new/compare.md")).isNotEmptyFile();
    }
}
