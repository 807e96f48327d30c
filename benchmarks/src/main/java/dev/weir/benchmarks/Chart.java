package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** A bar for each row, a panel for each scenario: the median of the first column. */
final class Chart {

    private static final int WIDTH = 900;
    private static final int ROW_HEIGHT = 40;
    private static final int PANEL_HEIGHT = 90;
    private static final String OURS = "#1F6FB2";
    private static final String PEER = "#B8BEC6";
    private static final String FLOOR = "#DDDDDD";
    private static final double MAGNITUDE = 10;
    private static final double ROOM_FOR_LABEL = 1.15;
    private static final double BAR = 0.45;
    private static final double TEXT = 5.5;

    /** Between a bar and its number, as a part of the axis. */
    private static final double GAP = 0.008;

    /** Above the bar, in rows. */
    private static final double NAME = 0.38;

    private static final Map<String, Object> THEME = Map.of(
            "name", "minimal",
            "panel_grid_major_y", "blank",
            "axis_text_y", "blank",
            "axis_title_y", "blank",
            "plot_background", Plot.WHITE,
            "plot_title", Map.of("face", "bold", "size", 13));
    private static final Map<String, Object> FILLS =
            Map.of("aesthetic", "fill", "scale_mapper_kind", "identity", "guide", "none");
    private static final Map<String, Object> ROWS = Map.of("aesthetic", "y", "discrete", true);

    private final List<Scenario> scenarios;
    private final Results results;

    Chart(List<Scenario> scenarios, Results results) {
        this.scenarios = scenarios;
        this.results = results;
    }

    String svg() {
        Map<String, Object> layout = Map.of(
                "name",
                "grid",
                "ncol",
                1,
                "nrow",
                scenarios.size(),
                "heights",
                scenarios.stream().map(Chart::height).toList());
        Map<String, Object> grid = Map.of(
                "kind",
                "subplots",
                "layout",
                layout,
                "figures",
                scenarios.stream().map(this::panel).toList());
        return Plot.svg(grid, WIDTH, scenarios.stream().mapToInt(Chart::height).sum());
    }

    private static int height(Scenario scenario) {
        return PANEL_HEIGHT + ROW_HEIGHT * scenario.rows().size();
    }

    /** A row that was measured. */
    private record Bar(String name, double median, String color) {}

    private Stream<Bar> bars(Scenario scenario) {
        String key = scenario.columns().get(0).key();
        return scenario.rows().stream()
                .flatMap(row -> results.spread(scenario.name(), row, key).stream()
                        .map(spread -> new Bar(row, spread.median(), color(scenario, row))));
    }

    private static String color(Scenario scenario, String row) {
        return row.startsWith("Weir") ? OURS : row.equals(scenario.floor()) ? FLOOR : PEER;
    }

    private Map<String, Object> panel(Scenario scenario) {
        List<Bar> bars = new ArrayList<>(bars(scenario).toList());
        Collections.reverse(bars); // The first one on top.
        boolean isLog = isLog(bars);
        Map<String, Object> data = Map.of(
                "row", bars.stream().map(Bar::name).toList(),
                "from", Collections.nCopies(bars.size(), isLog ? 1.0 : 0.0),
                "median", bars.stream().map(Bar::median).toList(),
                "label", bars.stream().map(Chart::label).toList(),
                "color", bars.stream().map(Bar::color).toList());
        return Map.of(
                "kind", "plot",
                "ggtitle", Map.of("text", scenario.description()),
                "data", data,
                "mapping", Map.of("y", "row"),
                "layers", layers(GAP * (isLog ? Math.log10(most(bars)) : most(bars))),
                "scales", List.of(FILLS, ROWS, values(scenario, bars, isLog)),
                "theme", THEME);
    }

    /** @param gap between a bar and its number, by the axis */
    private static List<Map<String, Object>> layers(double gap) {
        Map<String, Object> bars = Map.of(
                "geom", "bar",
                "stat", "identity",
                "orientation", "y",
                "width", BAR,
                "mapping", Map.of("x", "median", "fill", "color"));
        Map<String, Object> names = Map.of(
                "geom",
                "text",
                "hjust",
                0.0,
                "nudge_y",
                NAME,
                "size",
                TEXT,
                "mapping",
                Map.of("x", "from", "label", "row"));
        Map<String, Object> labels = Map.of(
                "geom",
                "text",
                "hjust",
                0.0,
                "nudge_x",
                gap,
                "size",
                TEXT,
                "mapping",
                Map.of("x", "median", "label", "label"));
        return List.of(bars, names, labels);
    }

    private static String label(Bar bar) {
        return String.format(Locale.ROOT, "%,.0f", bar.median());
    }

    /** From 0; or, where values are magnitudes apart, powers of ten from 1. */
    private static Map<String, Object> values(Scenario scenario, List<Bar> bars, boolean isLog) {
        String title = scenario.columns().get(0).title() + (scenario.lessIsBetter() ? " (less is better)" : "");
        double most = most(bars);
        Map<String, Object> axis = Map.of("aesthetic", "x", "name", title, "format", ",d");
        return isLog
                ? Plot.with(Plot.with(axis, "trans", "log10"), "limits", List.of(1.0, Math.pow(most, ROOM_FOR_LABEL)))
                : Plot.with(axis, "limits", List.of(0.0, ROOM_FOR_LABEL * most));
    }

    private static boolean isLog(List<Bar> bars) {
        double least = bars.stream().mapToDouble(Bar::median).min().orElse(0);
        return least >= 1 && most(bars) > MAGNITUDE * least;
    }

    private static double most(List<Bar> bars) {
        return bars.stream().mapToDouble(Bar::median).max().orElse(1);
    }
}
