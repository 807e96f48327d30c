package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes the results of a comparison: everything as JSON, tables as Markdown, bars as SVG. */
final class Report {

    private static final String NOTHING = "–";
    private static final String OURS = "Weir";

    private final List<Scenario> scenarios;
    private final Results results;

    Report(List<Scenario> scenarios, Results results) {
        this.scenarios = scenarios;
        this.results = results;
    }

    /** @return the table's file */
    Path write(Path directory, String name) throws IOException {
        Files.createDirectories(directory);
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(directory.resolve(name + ".json").toFile(), results);
        Files.writeString(directory.resolve(name + ".svg"), new Chart(scenarios, results).svg());
        Path table = directory.resolve(name + ".md");
        Files.writeString(table, markdown(name));
        return table;
    }

    String markdown(String name) {
        List<String> lines = new ArrayList<>();
        lines.add("# Weir and its peers");
        lines.add("");
        lines.add("What `%s` wrote on %s: the median of the repetitions and, in brackets, the least and the most."
                .formatted(results.command(), results.date()));
        lines.add(
                "Ratios are of the values within each repetition. [Every value](%s.json). How it was measured, and how to read it: [README](../README.md)."
                        .formatted(name));
        lines.add("");
        lines.add("![The medians, as bars](%s.svg)".formatted(name));
        lines.add("");
        results.machine().forEach((what, value) -> lines.add("* %s: %s".formatted(what, value)));
        lines.add("* libraries: " + String.join(", ", results.libraries()));
        results.failures().forEach(failure -> lines.add("* **not measured**: " + failure));
        scenarios.forEach(scenario -> addTable(lines, scenario));
        return String.join("\n", lines) + "\n";
    }

    private void addTable(List<String> lines, Scenario scenario) {
        List<String> ours =
                scenario.rows().stream().filter(row -> row.startsWith(OURS)).toList();
        List<String> head = new ArrayList<>(List.of(""));
        scenario.columns().forEach(column -> head.add(column.title()));
        if (scenario.hasRatios()) {
            head.add("times the floor's");
            ours.forEach(row -> head.add("\"%s\" is better by".formatted(row)));
        }
        lines.add("");
        lines.add("## " + scenario.description());
        lines.add("");
        lines.add(line(head));
        lines.add("|---" + "|---:".repeat(head.size() - 1) + "|");
        for (String row : scenario.rows()) {
            List<String> cells = new ArrayList<>(List.of(row));
            scenario.columns()
                    .forEach(column -> cells.add(results.spread(scenario.name(), row, column.key())
                            .map(spread -> spread.text(column.digits()))
                            .orElse(NOTHING)));
            if (scenario.hasRatios()) {
                cells.add(ratio(scenario, row, scenario.floor()));
                ours.forEach(our -> cells.add(row.equals(our) ? "" : times(scenario, our, row)));
            }
            lines.add(line(cells));
        }
    }

    /** How many times better one row is than another. */
    private String times(Scenario scenario, String one, String other) {
        return scenario.lessIsBetter() ? ratio(scenario, other, one) : ratio(scenario, one, other);
    }

    private String ratio(Scenario scenario, String numerator, String denominator) {
        String key = scenario.columns().get(0).key();
        return results.ratio(scenario.name(), numerator, denominator, key)
                .map(Spread::ratioText)
                .orElse(NOTHING);
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }
}
