package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What a fair pool does to clients of many kinds, in virtual time: no thread sleeps, and the same seed gives the same
 * numbers.
 */
@Command(
        name = "simulate",
        description = "Shares of a fair pool beside the weighted max-min ideal, in virtual time.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        sortOptions = false)
final class Simulate implements Callable<Integer> {

    private static final String DRAWN = "changes";

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "A fraction of the time: whether it works.")
    private boolean quick;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "Some scenarios only, commas between; --list tells all.")
    private List<String> only = List.of();

    @Option(names = "--seed", paramLabel = "N", description = "Of all that is random. Default: ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(names = "--list", description = "Tells the scenarios, and runs none.")
    private boolean list;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description = "Where fair-pool.md and .svg go; fair-pool-trial.* if the run is not a whole one."
                    + " Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("benchmarks", "results");

    @Override
    public Integer call() throws IOException {
        if (list) {
            PoolScenarios.ALL.forEach((name, kind) -> System.out.printf("%-14s %s%n", name, kind.what()));
            return CommandLine.ExitCode.OK;
        }
        Set<String> known = PoolScenarios.ALL.keySet();
        if (!known.containsAll(only)) {
            throw new ParameterException(
                    spec.commandLine(), "--only %s: the scenarios are %s".formatted(String.join(",", only), known));
        }
        boolean whole = !quick && only.isEmpty();
        String name = whole ? "fair-pool" : "fair-pool-trial";
        FairReport report = new FairReport(
                "A fair pool, simulated",
                CommandText.of(spec),
                Instant.now().toString().substring(0, 10),
                Machine.describe());
        report.add("* Weir: %s, seed %d".formatted(Machine.version(dev.weir.Weir.class), seed));
        List<String> missed = new ArrayList<>();
        Files.createDirectories(out);
        for (String scenario : known) {
            if (only.isEmpty() || only.contains(scenario)) {
                run(scenario, name, report, missed);
            }
        }
        Path file = out.resolve(name + ".md");
        Files.writeString(file, report.text());
        System.out.printf("%n%s; missed: %s%n", file, missed.isEmpty() ? "nothing" : String.join("; ", missed));
        return CommandLine.ExitCode.OK;
    }

    private void run(String scenario, String name, FairReport report, List<String> missed) throws IOException {
        int printed = report.size();
        PoolScenarios.Kind kind = PoolScenarios.ALL.get(scenario);
        SimulatedPool pool = kind.maker().make(quick, seed);
        FairShares shares = pool.run();
        List<Aim> aims = pool.aims(shares);
        report.addHead(scenario, "%s. %s.".formatted(kind.what(), pool.size()));
        if (scenario.equals(DRAWN)) {
            Files.writeString(out.resolve(name + ".svg"), new SharesChart(shares).svg());
            report.add("");
            report.add("![What each got in half a second, beside its ideal](%s.svg)".formatted(name));
        }
        report.addShares(shares);
        report.addAims(aims);
        report.since(printed).forEach(System.out::println);
        aims.stream().filter(aim -> !aim.isMet()).forEach(aim -> missed.add(scenario + ", " + aim.what()));
    }
}
