package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts, dashboard and documentation, held to what a running instance shows at {@code /metrics}. */
class MonitoringIT {

    private static final Path OPERATIONS = Path.of("..", "docs", "operations.md");
    private static final Path RUNBOOK = Path.of("..", "docs", "operations", "alerts.md");
    private static final Path TESTS = Path.of("..", "docs", "operations", "alerts.test.yml");
    private static final Pattern SERIES = Pattern.compile("(?m)^(weir_\\w+)(?:\\{(.*)})? ");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");
    private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(weir_\\w+)` \\|");

    /** What Prometheus adds to each series. */
    private static final Set<String> TARGET = Set.of("job", "instance");

    /** The values of each label of each metric. */
    private static final Map<String, Map<String, Set<String>>> SHOWN = new HashMap<>();

    @BeforeAll
    static void scrape(@TempDir Path directory) throws IOException {
        Path limits = directory.resolve("limits.properties");
        Files.writeString(limits, "weir.pool.backend.limit=50\nweir.policy.search.pool=backend\n");
        try (SampleProcess sample = SampleProcess.start("--config", limits.toString())) {
            SERIES.matcher(sample.get("/metrics").body()).results().forEach(MonitoringIT::note);
        }
    }

    private static void note(MatchResult series) {
        Map<String, Set<String>> labels = SHOWN.computeIfAbsent(series.group(1), metric -> new HashMap<>());
        if (series.group(2) != null) {
            LABEL.matcher(series.group(2))
                    .results()
                    .forEach(label -> labels.computeIfAbsent(label.group(1), name -> new HashSet<>())
                            .add(label.group(2)));
        }
    }

    @Test
    void queries_metricsLabelsAndValues_areThoseOfAnInstance() throws IOException {
        List<String> texts = new ArrayList<>(PromQl.dashboard());
        texts.add(PromQl.alerts());
        List<String> wrong = new ArrayList<>();
        int selectors = 0;
        for (String text : texts) {
            for (PromQl.Selector selector : PromQl.selectors(text)) {
                selectors++;
                check(selector, wrong);
            }
            PromQl.groupings(text).stream()
                    .filter(label -> !TARGET.contains(label)
                            && SHOWN.values().stream().noneMatch(labels -> labels.containsKey(label)))
                    .forEach(label -> wrong.add("no metric has the label " + label));
        }

        assertThat(wrong).isEmpty();
        assertThat(selectors).isGreaterThan(40);
    }

    private static void check(PromQl.Selector selector, List<String> wrong) {
        Map<String, Set<String>> labels = SHOWN.get(selector.metric());
        if (labels == null) {
            wrong.add("there is no " + selector.metric());
            return;
        }
        for (PromQl.LabelMatcher matcher : selector.matchers()) {
            Set<String> values = labels.getOrDefault(matcher.label(), Set.of());
            if (!TARGET.contains(matcher.label()) && (values.isEmpty() || !values.containsAll(matcher.values()))) {
                wrong.add("%s{%s} has the values %s, not %s"
                        .formatted(selector.metric(), matcher.label(), values, matcher.values()));
            }
        }
    }

    /** Else a pool is not among what "All" stands for. */
    @Test
    void queriesByPolicy_metricsThatNamePools_areNotAmongThem() throws IOException {
        Set<String> policies = SHOWN.get("weir_decisions_total").get("policy");

        assertThat(PromQl.dashboard().stream()
                        .flatMap(text -> PromQl.selectors(text).stream())
                        .filter(selector -> selector.matchers().stream()
                                .anyMatch(matcher -> matcher.label().equals("policy")
                                        && matcher.values().isEmpty()))
                        .map(PromQl.Selector::metric))
                .isNotEmpty()
                .allSatisfy(metric -> assertThat(policies)
                        .as(metric)
                        .containsAll(SHOWN.get(metric).get("policy")));
    }

    @Test
    void permitsOwedThatAreLost_areCountedFromTheStart_alsoOfAPool() {
        assertThat(SHOWN.get("weir_debt_lost_permits_total").get("policy")).contains("search", "backend");
    }

    @Test
    void tableOfMetrics_isWhatAnInstanceShows() throws IOException {
        Set<String> shown = SHOWN.keySet().stream()
                .map(metric -> metric.replaceFirst("^(weir_(?:store|decision)_seconds)_\\w+$", "$1"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(names(ROW, Files.readString(OPERATIONS))).isEqualTo(shown);
    }

    @Test
    void everyAlert_hasATestAndARunbook_andNoOtherIsNamed() throws IOException {
        Set<String> alerts = names(ALERT, Files.readString(PromQl.ALERTS));

        assertThat(alerts).hasSizeGreaterThan(10);
        assertThat(names(Pattern.compile("alertname: (\\w+)"), Files.readString(TESTS)))
                .isEqualTo(alerts);
        assertThat(names(Pattern.compile("(?m)^## (Weir\\w+)$"), Files.readString(RUNBOOK)))
                .isEqualTo(alerts);
        assertThat(names(Pattern.compile("docs/operations/alerts.md#(\\w+)"), Files.readString(PromQl.ALERTS)))
                .isEqualTo(alerts.stream().map(String::toLowerCase).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void rules_passTheirTests() throws Exception {
        Path promtool = PrometheusPrograms.findOrFetch("promtool").orElse(null);
        assumeTrue(promtool != null, "no promtool to be had: the tests of the alerts are not run");
        PrometheusPrograms.testRules(promtool);
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
