package dev.weir.benchmarks;

import static dev.weir.benchmarks.PoolClient.SLICES_PER_SECOND;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What each client got over time, and its ideal as a thin dashed line. */
final class SharesChart {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 320;
    private static final int STEP = SLICES_PER_SECOND / 2;
    private static final List<String> COLORS = List.of("#1F6FB2", "#D1782B", "#3B8E4D", "#7A5AA6");

    private final FairShares shares;

    SharesChart(FairShares shares) {
        this.shares = shares;
    }

    String svg() {
        List<String> clients = shares.clients().stream().map(PoolClient::group).toList();
        Map<String, Object> colors = Map.of("aesthetic", "color", "name", "", "limits", clients, "values", COLORS);
        Map<String, Object> plot = Map.of(
                "kind", "plot",
                "data", data(),
                "mapping", Map.of("x", "seconds", "color", "client"),
                "layers",
                        List.of(
                                Map.of("geom", "line", "size", 1.2, "mapping", Map.of("y", "got")),
                                Map.of(
                                        "geom",
                                        "step",
                                        "linetype",
                                        "dashed",
                                        "size",
                                        0.6,
                                        "show_legend",
                                        false,
                                        "mapping",
                                        Map.of("y", "ideal"))),
                "scales", List.of(colors, Map.of("aesthetic", "y", "name", "permits per second")),
                "theme", Map.of("name", "minimal", "plot_background", Plot.WHITE, "legend_position", "bottom"));
        return Plot.svg(plot, WIDTH, HEIGHT);
    }

    private Map<String, Object> data() {
        List<Double> seconds = new ArrayList<>();
        List<String> clients = new ArrayList<>();
        List<Double> got = new ArrayList<>();
        List<Double> ideal = new ArrayList<>();
        for (int client = 0; client < shares.clients().size(); client++) {
            PoolClient measured = shares.clients().get(client);
            for (int slice = 0; slice < measured.got().length; slice += STEP) {
                seconds.add((double) slice / SLICES_PER_SECOND);
                clients.add(measured.group());
                got.add(shares.got(client, slice, slice + STEP));
                ideal.add(shares.ideal(client, slice, slice + STEP));
            }
        }
        return Map.of("seconds", seconds, "client", clients, "got", got, "ideal", ideal);
    }
}
