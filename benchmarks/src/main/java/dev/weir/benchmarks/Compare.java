package dev.weir.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Weir beside its peers, everything in one run on one machine. Every repetition measures all rows of all scenarios, in
 * an order of its own, so that what else the machine does meets all alike; and each row in a process of its own.
 */
@Command(
        name = "compare",
        description = "Measures Weir beside its peers, and writes tables, a chart and every value.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        sortOptions = false)
final class Compare implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "Each row once and briefly: whether it works, not what it costs.")
    private boolean quick;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description =
                    "Some parts only: in-process, redis, policies, costs, limits, pool, accuracy, over-limit, http, start-up;"
                            + " commas between.")
    private Set<String> only = Set.of();

    @Option(
            names = "--rows",
            paramLabel = "REGEX",
            description = "Only rows in whose name it is found; the floors always.")
    private Pattern rows = Pattern.compile("");

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "How many ask at the same time where it is not in process, 4 to 1000; half of them for accuracy. Default: ${DEFAULT-VALUE}")
    private int threads = 32;

    @Option(
            names = "--redis",
            paramLabel = "URI",
            description = "A Redis that runs. It is flushed! Default: one of its own, on a free port.")
    private String redisUri;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description =
                    "Where the results go: compare.md, .svg and .json; compare-trial.* if the run is not a whole one."
                            + " Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("benchmarks", "results");

    private final List<Measurement> measurements = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /** One row, to be measured once. */
    private record Step(Scenario scenario, String row, int repetition) {}

    @Override
    public Integer call() throws Exception {
        checkOptions();
        Instant start = Instant.now();
        try (Redis redis = redisUri == null ? Redis.start() : Redis.at(redisUri)) {
            Map<String, String> machine = Machine.describe(redis);
            machine.forEach((what, value) -> System.out.println(what + ": " + value));
            List<Scenario> scenarios = Scenarios.all(redis, threads, quick).stream()
                    .filter(scenario -> only.isEmpty() || only.contains(scenario.part()))
                    .toList();
            measure(steps(scenarios), redis.uri());
            Results results = new Results(
                    CommandText.of(spec),
                    start.toString().substring(0, 10),
                    machine,
                    Machine.libraries(),
                    measurements,
                    failures);
            boolean whole = !quick && only.isEmpty() && rows.pattern().isEmpty();
            Path table = new Report(scenarios, results).write(out, whole ? "compare" : "compare-trial");
            System.out.printf(
                    "%n%s and, beside it, .svg and .json, after %s%n",
                    table, minutes(Duration.between(start, Instant.now())));
        }
        return failures.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private void checkOptions() {
        if (!Scenarios.PARTS.containsAll(only)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--only %s: the parts are %s".formatted(String.join(",", only), Scenarios.PARTS));
        }
        if (threads < 4 || threads > 1_000) {
            throw new ParameterException(spec.commandLine(), "--threads must be from 4 to 1000, but is " + threads);
        }
    }

    private List<Step> steps(List<Scenario> scenarios) {
        int most = scenarios.stream()
                .mapToInt(scenario -> scenario.pace().repetitions())
                .max()
                .orElse(0);
        List<Step> steps = new ArrayList<>();
        for (int repetition = 0; repetition < most; repetition++) {
            for (Scenario scenario : scenarios) {
                if (repetition < scenario.pace().repetitions()) {
                    List<String> order = new ArrayList<>(scenario.rows());
                    order.removeIf(row -> !rows.matcher(row).find() && !row.equals(scenario.floor()));
                    Collections.shuffle(order, new Random(repetition));
                    for (String row : order) {
                        steps.add(new Step(scenario, row, repetition));
                    }
                }
            }
        }
        return steps;
    }

    /** What took longer than it was expected to makes the rest expected to take longer, too. */
    private void measure(List<Step> steps, String redis) throws InterruptedException {
        long start = System.nanoTime();
        Duration expected = Duration.ZERO;
        Duration all =
                steps.stream().map(step -> step.scenario().pace().estimate()).reduce(Duration.ZERO, Duration::plus);
        System.out.printf("%n%d measurements, about %s%n", steps.size(), minutes(all));
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            String said = measured(step, redis);
            expected = expected.plus(step.scenario().pace().estimate());
            double slower = (System.nanoTime() - start) / (double) expected.toNanos();
            Duration left = Duration.ofNanos((long) (all.minus(expected).toNanos() * slower));
            System.out.printf(
                    "%3d/%d, still %s  %-24s %-40s %s%n",
                    i + 1, steps.size(), minutes(left), step.scenario().name(), step.row(), said);
        }
    }

    /** One that fails is reported and left out; the others go on. */
    private String measured(Step step, String redis) throws InterruptedException {
        try {
            Map<String, Double> values = step.scenario().isMeasuredHere()
                    ? step.scenario().measure(step.row())
                    : Row.measure(step.scenario().name(), step.row(), redis, threads, quick);
            measurements.add(new Measurement(step.scenario().name(), step.row(), step.repetition(), values));
            return step.scenario().columns().stream()
                    .filter(column -> values.containsKey(column.key()))
                    .map(column -> String.format(
                            Locale.ROOT, "%,." + column.digits() + "f %s", values.get(column.key()), column.title()))
                    .collect(Collectors.joining(", "));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            String failure = "%s, %s, repetition %d: %s"
                    .formatted(step.scenario().name(), step.row(), step.repetition() + 1, e.getMessage());
            failures.add(failure);
            return "FAILED: " + e;
        }
    }

    private static String minutes(Duration duration) {
        return "%d:%02d min".formatted(duration.toMinutes(), duration.toSecondsPart());
    }
}
