package dev.weir.benchmarks;

import dev.weir.lease.ScaleOutcome;
import dev.weir.lease.ScaleSetting;
import dev.weir.lease.ScaleSetting.Demand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One table of leases at scale: a row for each number of instances, demand and part cut off; in its cells, one number
 * for each round trip.
 *
 * @param title what its settings have in common
 * @param settings of its rows; of a row, one for each round trip
 */
record ScaleTable(String title, List<List<ScaleSetting>> settings) {

    private static final List<Integer> SIZES = List.of(8, 32, 128, 512);
    private static final int SIZES_IF_QUICK = 2;
    private static final List<Double> CUTS = List.of(0.0, 0.25);
    private static final List<Long> ROUND_TRIPS_MICROS = List.of(0L, 1_000L, 10_000L, 50_000L);
    private static final long DRIFT_PER_MILLION = 50_000;

    /**
     * @param perInstance of so many instances, the part of the limit of each
     * @param load as a part of the limit
     */
    static ScaleTable of(String title, Function<Integer, Long> perInstance, double load, boolean isQuick, long seed) {
        List<List<ScaleSetting>> rows = new ArrayList<>();
        for (int instances : isQuick ? SIZES.subList(0, SIZES_IF_QUICK) : SIZES) {
            for (Demand demand : Demand.values()) {
                for (double cut : CUTS) {
                    rows.add(ROUND_TRIPS_MICROS.stream()
                            .map(micros -> new ScaleSetting(
                                    instances,
                                    perInstance.apply(instances),
                                    load,
                                    demand,
                                    micros,
                                    cut,
                                    DRIFT_PER_MILLION,
                                    Duration.ofSeconds(isQuick ? 1 : 3),
                                    seed))
                            .toList());
                }
            }
        }
        return new ScaleTable(title, rows);
    }

    int cells() {
        return settings.stream().mapToInt(List::size).sum();
    }

    static List<String> head() {
        return List.of(
                "| instances | demand | cut off | over-admitted | use | false denials | calls a decision |",
                "|---:|---|---:|---:|---|---|---|");
    }

    static String line(ScaleSetting setting, List<ScaleOutcome> outcomes) {
        return String.format(
                Locale.ROOT,
                "| %d | %s | %.0f %% | %d | %s | %s | %s |",
                setting.instances(),
                setting.demand().name().toLowerCase(Locale.ROOT),
                100 * setting.partCut(),
                outcomes.stream().mapToLong(ScaleOutcome::overAdmitted).max().orElse(0),
                cell(outcomes, outcome -> String.format(Locale.ROOT, "%.3f", outcome.use())),
                cell(outcomes, ScaleTable::denials),
                cell(outcomes, outcome -> String.format(Locale.ROOT, "%.3f", outcome.callsPerDecision())));
    }

    private static String denials(ScaleOutcome outcome) {
        return outcome.falseDenials() == 0
                ? "0"
                : String.format(Locale.ROOT, "%d (%d µs)", outcome.falseDenials(), outcome.latestMicros());
    }

    private static String cell(List<ScaleOutcome> outcomes, Function<ScaleOutcome, String> text) {
        return outcomes.stream().map(text).collect(Collectors.joining(" / "));
    }
}
