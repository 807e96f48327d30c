package dev.weir.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Rectangle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The queries under {@code docs/operations}, and what they say of Weir's metrics. */
final class PromQl {

    static final Path ALERTS = Path.of("..", "docs", "operations", "alerts.yml");
    static final Path DASHBOARD = Path.of("..", "docs", "operations", "grafana.json");

    private static final Pattern SELECTOR = Pattern.compile("(?<![:\\w])(weir_\\w+)(?:\\{([^}]*)})?(?!:)");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)");

    /** What is asked of a label; several values are alternatives. */
    record LabelMatcher(String label, List<String> values) {}

    /** A metric, and what its labels must match. */
    record Selector(String metric, List<LabelMatcher> matchers) {}

    /** A query of a panel, and what its series are called: a label's name in braces stands for its value. */
    record Target(String query, String legend) {}

    /** A panel of the dashboard: where it stands, in columns and rows of Grafana's grid, and what it shows. */
    record Panel(String title, String type, Rectangle place, String unit, List<Target> targets) {}

    private PromQl() {}

    static String alerts() throws IOException {
        try (Stream<String> lines = Files.lines(ALERTS)) {
            return lines.filter(line -> !line.strip().startsWith("#")).reduce("", (text, line) -> text + line + "\n");
        }
    }

    /** The panels of the dashboard; a row's title is one without queries. */
    static List<Panel> panels() throws IOException {
        List<Panel> panels = new ArrayList<>();
        for (JsonNode panel : new ObjectMapper().readTree(DASHBOARD.toFile()).at("/panels")) {
            List<Target> targets = new ArrayList<>();
            for (JsonNode target : panel.at("/targets")) {
                targets.add(new Target(
                        target.at("/expr").asText(), target.at("/legendFormat").asText()));
            }
            JsonNode place = panel.at("/gridPos");
            panels.add(new Panel(
                    panel.at("/title").asText(),
                    panel.at("/type").asText(),
                    new Rectangle(
                            place.at("/x").asInt(),
                            place.at("/y").asInt(),
                            place.at("/w").asInt(),
                            place.at("/h").asInt()),
                    panel.at("/fieldConfig/defaults/unit").asText(),
                    targets));
        }
        return panels;
    }

    /** The queries of all panels. */
    static List<String> dashboard() throws IOException {
        return panels().stream()
                .flatMap(panel -> panel.targets().stream())
                .map(Target::query)
                .toList();
    }

    /** A query of the dashboard for every instance and policy of a job. */
    static String ofAll(String job, String rateInterval, String query) {
        return query.replace("$job", job)
                .replace("$instance", ".*")
                .replace("$policy", ".*")
                .replace("$__rate_interval", rateInterval);
    }

    static List<Selector> selectors(String text) {
        return SELECTOR.matcher(text)
                .results()
                .map(found -> new Selector(found.group(1), matchers(found.group(2) == null ? "" : found.group(2))))
                .toList();
    }

    private static List<LabelMatcher> matchers(String text) {
        return MATCHER.matcher(text)
                .results()
                .map(found -> new LabelMatcher(found.group(1), values(found.group(3))))
                .toList();
    }

    /** A variable of the dashboard may be anything. */
    private static List<String> values(String text) {
        return text.startsWith("$") ? List.of() : List.of(text.split("\\|"));
    }

    /** The labels by which results are put together. */
    static List<String> groupings(String text) {
        return GROUPING.matcher(text)
                .results()
                .flatMap(found -> Stream.of(found.group(1).split("\\s*,\\s*")))
                .toList();
    }
}
