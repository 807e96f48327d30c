package dev.weir.benchmarks;

import dev.weir.lease.ScaleOutcome;
import dev.weir.lease.ScaleSetting;
import dev.weir.lease.ScaleSimulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How leases scale: the real ones, on up to 512 instances, in virtual time. No thread sleeps, and the same seed gives
 * the same numbers.
 */
@Command(
        name = "lease-scale",
        description =
                "Leases on up to 512 instances, with round trips up to 50 ms and a part cut off, in virtual time.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        sortOptions = false)
final class LeaseScale implements Callable<Integer> {

    private static final long PER_INSTANCE = 500;

    /** A limit of this size is leased by 32 instances, and by 128 no more: a part of it would be too small. */
    private static final long ONE_LIMIT = 16_384;

    private static final double BELOW = 0.9;
    private static final double ABOVE = 1.5;
    private static final double LEAST_USE = 0.95;

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "Up to 32 instances, and one second of each: whether it works.")
    private boolean quick;

    @Option(names = "--seed", paramLabel = "N", description = "Of all that is random. Default: ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description = "Where lease-scale.md goes; lease-scale-trial.md if the run is not a whole one."
                    + " Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("benchmarks", "results");

    private record Cell(ScaleSetting setting, ScaleOutcome outcome) {}

    private final List<Cell> done = new ArrayList<>();
    private int planned;

    @Override
    public Integer call() throws IOException {
        List<ScaleTable> tables = List.of(
                ScaleTable.of(
                        "The limit grows with the instances; 1.5 times of it is asked for",
                        instances -> PER_INSTANCE,
                        ABOVE,
                        quick,
                        seed),
                ScaleTable.of(
                        "The limit grows with the instances; 0.9 times of it is asked for",
                        instances -> PER_INSTANCE,
                        BELOW,
                        quick,
                        seed),
                ScaleTable.of(
                        "One limit of 16,384 a second for however many; 1.5 times of it is asked for",
                        instances -> ONE_LIMIT / instances,
                        ABOVE,
                        quick,
                        seed));
        planned = tables.stream().mapToInt(ScaleTable::cells).sum();
        List<String> lines = head();
        for (ScaleTable table : tables) {
            run(table, lines);
        }
        addAims(lines);
        lines.forEach(System.out::println);
        Files.createDirectories(out);
        Path file = out.resolve(quick ? "lease-scale-trial.md" : "lease-scale.md");
        Files.writeString(file, String.join("\n", lines) + "\n");
        System.out.printf("%n%s%n", file);
        return CommandLine.ExitCode.OK;
    }

    private List<String> head() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("# Leases at scale, simulated");
        lines.add("");
        lines.add("What `%s` wrote on %s. How to read it: [README](../README.md#leases-at-scale)."
                .formatted(CommandText.of(spec), Instant.now().toString().substring(0, 10)));
        lines.add("");
        lines.add("* Weir: %s, seed %d".formatted(Machine.version(dev.weir.Weir.class), seed));
        lines.add("* where a cell has four numbers, they are for round trips of 0 / 1 / 10 / 50 ms");
        return lines;
    }

    private void run(ScaleTable table, List<String> lines) {
        lines.add("");
        lines.add("## " + table.title());
        lines.add("");
        lines.addAll(ScaleTable.head());
        for (List<ScaleSetting> row : table.settings()) {
            lines.add(ScaleTable.line(row.get(0), row.stream().map(this::run).toList()));
        }
    }

    private ScaleOutcome run(ScaleSetting setting) {
        System.err.printf(
                "%d of %d: %d instances, %s, %.1f times the limit, %.0f %% cut off, %d ms%n",
                done.size() + 1,
                planned,
                setting.instances(),
                setting.demand(),
                setting.load(),
                100 * setting.partCut(),
                setting.roundTripMicros() / 1_000);
        ScaleOutcome outcome = new ScaleSimulation(setting).run();
        done.add(new Cell(setting, outcome));
        return outcome;
    }

    private void addAims(List<String> lines) {
        int largest =
                done.stream().mapToInt(cell -> cell.setting().instances()).max().orElse(0);
        lines.add("");
        lines.add("## Aims");
        lines.add("");
        lines.add("| measured | | aim | |");
        lines.add("|---|---:|---:|---|");
        lines.add(Aim.atMost("permits admitted above the limit", most(ScaleOutcome::overAdmitted), 0, "%.0f")
                .line());
        lines.add(Aim.atLeast(
                        "least use, %d instances, none cut off".formatted(largest),
                        leastUse(setting -> setting.instances() == largest && setting.partCut() == 0),
                        LEAST_USE,
                        "%.3f")
                .line());
        lines.add(Aim.atLeast(
                        "least use of what the connected can use, a quarter cut off",
                        leastUse(setting -> setting.partCut() > 0),
                        LEAST_USE,
                        "%.3f")
                .line());
        lines.add(Aim.atMost(
                        "false denials, round trips of 1 ms and more",
                        falseDenials(setting -> setting.roundTripMicros() > 0),
                        0,
                        "%.0f")
                .line());
        lines.add(Aim.atMost(
                        "false denials, no round trip at all",
                        falseDenials(setting -> setting.roundTripMicros() == 0),
                        0,
                        "%.0f")
                .line());
    }

    private double most(ToLongFunction<ScaleOutcome> count) {
        return done.stream()
                .mapToLong(cell -> count.applyAsLong(cell.outcome()))
                .max()
                .orElse(0);
    }

    private double leastUse(Predicate<ScaleSetting> isMeant) {
        return done.stream()
                .filter(cell -> isMeant.test(cell.setting()))
                .mapToDouble(cell -> cell.outcome().use())
                .min()
                .orElse(0);
    }

    private double falseDenials(Predicate<ScaleSetting> isMeant) {
        return done.stream()
                .filter(cell -> isMeant.test(cell.setting()))
                .mapToLong(cell -> cell.outcome().falseDenials())
                .sum();
    }
}
