package dev.weir.benchmarks;

import static dev.weir.benchmarks.PoolClient.SLICES_PER_SECOND;

import dev.weir.Weir;
import dev.weir.benchmarks.FairAsker.Asked;
import dev.weir.benchmarks.FairAsker.Kind;
import dev.weir.lease.Admissions;
import dev.weir.lease.Leasing;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A fair pool for real: three instances, each a process of its own, share one on a real Redis, in real time. And what
 * it costs Redis: calls and bytes for a decision, time of the script with few and with many clients, memory.
 */
@Command(
        name = "fair",
        description = "Shares of a fair pool that three processes have on a real Redis, and what it costs.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        sortOptions = false)
final class Fair implements Callable<Integer> {

    private static final int WARM_UP = 2;
    private static final Duration UNTIL_START = Duration.ofMillis(500);

    /** Redis counts by the clock on the wall, which is corrected while the processes' runs on. */
    private static final long TWO_CLOCKS = 5;

    /** Once a pool is empty, what is worth nothing any more may stay so long. */
    private static final Duration CLEANED = Duration.ofSeconds(62);

    /** The part of its share that a polite client asks for; the weights of all together are 12. */
    private static final double POLITENESS = 0.8;

    private static final String POLITE = "polite";

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "A fraction of the time: whether it works.")
    private boolean quick;

    @Option(names = "--redis", paramLabel = "URI", description = "A Redis that runs. It is flushed! Default: its own.")
    private String redisUri;

    @Option(
            names = "--leasing",
            paramLabel = "HOW",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    private Leasing leasing = Leasing.FAST;

    @Option(names = "--per-second", paramLabel = "N", description = "The pool's capacity. Default: ${DEFAULT-VALUE}")
    private long perSecond = 4_000;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description =
                    "Where fair-redis.md goes; fair-redis-trial.md if the run is a quick one. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("benchmarks", "results");

    /** A pool with a burst of a tenth of a second. */
    static Pool pool(long perSecond) {
        return new Pool("backend", new Rate(perSecond, Duration.ofSeconds(1), Math.max(2, perSecond / 10)));
    }

    /** Where the clients are, for each instance; each mainly elsewhere than the others. */
    private List<List<FairAsker>> askers(double leaves, double end) {
        List<List<FairAsker>> instances = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        double[] until = {end, end, leaves};
        long[] weights = {1, 2, 5};
        for (int i = 0; i < 3; i++) {
            String id = "greedy-" + weights[i];
            instances.get(i).add(new FairAsker(Kind.GREEDY, id, weights[i], 6, 0, until[i]));
            instances.get((i + 1) % 3).add(new FairAsker(Kind.GREEDY, id, weights[i], 2, 0, until[i]));
            instances
                    .get(i)
                    .add(new FairAsker(Kind.POLITE, POLITE + "-" + i, 1, 2, perSecond / 12.0 * POLITENESS, end));
        }
        instances.get(0).add(new FairAsker(Kind.HAMMERING, "hammering", 1, 1, 0, end));
        return instances;
    }

    @Override
    public Integer call() throws Exception {
        int leaves = quick ? 6 : 22;
        int end = quick ? 10 : 34;
        String name = quick ? "fair-redis-trial" : "fair-redis";
        try (Redis redis = redisUri == null ? Redis.start() : Redis.at(redisUri)) {
            FairReport report = new FairReport(
                    "A fair pool that three processes share on Redis",
                    CommandText.of(spec),
                    Instant.now().toString().substring(0, 10),
                    Machine.describe(redis));
            report.add("* Weir: %s; leasing %s".formatted(Machine.version(Weir.class), leasing));
            redis.flush();
            share(redis, report, leaves, end);
            Instant idle = Instant.now();
            String emptied = left(redis);
            new PoolCost(redis, quick).measure(report);
            if (!quick) {
                addIdle(redis, report, idle, emptied);
            }
            Files.createDirectories(out);
            Path file = out.resolve(name + ".md");
            Files.writeString(file, report.text());
            report.since(0).forEach(System.out::println);
            System.out.printf("%n%s%n", file);
        }
        return CommandLine.ExitCode.OK;
    }

    private void share(Redis redis, FairReport report, int leaves, int end) throws IOException, InterruptedException {
        List<List<FairAsker>> askers = askers(leaves, end);
        List<Process> processes = new ArrayList<>();
        List<Asked> asked = new ArrayList<>();
        long startNanos;
        Redis.Work work;
        try {
            for (List<FairAsker> instance : askers) {
                processes.add(start(redis, instance));
            }
            for (Process process : processes) {
                readUntil(FairInstance.READY, process.inputReader());
            }
            Redis.Work before = redis.work();
            startNanos = System.nanoTime() + UNTIL_START.toNanos(); // Every process reads it before it begins.
            for (Process process : processes) {
                process.getOutputStream().write((startNanos + "\n").getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
            }
            // The instances ask in real time: what Redis did is read when that is over.
            Thread.sleep(UNTIL_START.plusSeconds(end).toMillis());
            work = redis.work().since(before);
            for (Process process : processes) {
                readUntil(FairInstance.DONE, process.inputReader()).forEach(line -> asked.add(Asked.of(line)));
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
        Map<String, FairAsker> clients = new LinkedHashMap<>();
        askers.forEach(instance -> instance.forEach(asker -> clients.putIfAbsent(asker.id(), asker)));
        List<PoolClient> measured = clients.values().stream()
                .map(asker -> measured(asker, asked, startNanos, end))
                .toList();
        tell(report, measured, asked, work, leaves, end);
    }

    private Process start(Redis redis, List<FairAsker> askers) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Benchmarks.class.getName(),
                FairInstance.NAME,
                "--redis",
                redis.uri(),
                "--leasing",
                leasing.name(),
                "--per-second",
                Long.toString(perSecond)));
        askers.forEach(asker -> command.add(asker.text()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<String> readUntil(String last, BufferedReader from) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = from.readLine(); !last.equals(line); line = from.readLine()) {
            if (line == null) {
                throw new IllegalStateException("an instance has ended before it was '%s'".formatted(last));
            }
            lines.add(line);
        }
        return lines;
    }

    private static PoolClient measured(FairAsker asker, List<Asked> all, long startNanos, int seconds) {
        int slices = seconds * SLICES_PER_SECOND;
        double[] got = new double[slices];
        double[] asked = new double[slices];
        double[] refused = new double[slices];
        for (Asked one : all) {
            int slice = (int) ((one.afterNanos() - startNanos) * SLICES_PER_SECOND / TimeUnit.SECONDS.toNanos(1));
            if (one.id().equals(asker.id()) && slice < slices) {
                asked[slice]++;
                (one.permitted() ? got : refused)[slice]++;
            }
        }
        int from = WARM_UP * SLICES_PER_SECOND;
        double wanted = asker.kind() == Kind.POLITE
                ? PoolClient.sum(asked, from, slices) * SLICES_PER_SECOND / (slices - from)
                : Double.POSITIVE_INFINITY;
        double[] wants = new double[slices];
        long[] weights = new long[slices];
        for (int i = 0; i < slices; i++) {
            weights[i] = asker.weight();
            wants[i] = i < asker.untilSeconds() * SLICES_PER_SECOND ? wanted : 0;
        }
        return new PoolClient(asker.id().replaceFirst(POLITE + ".*", POLITE), weights, wants, got, asked, refused);
    }

    private void tell(
            FairReport report, List<PoolClient> clients, List<Asked> asked, Redis.Work work, int leaves, int end) {
        Pool pool = pool(perSecond);
        FairShares together =
                new FairShares(perSecond, clients, WARM_UP * SLICES_PER_SECOND, leaves * SLICES_PER_SECOND);
        FairShares after =
                new FairShares(perSecond, clients, (leaves + 1) * SLICES_PER_SECOND, end * SLICES_PER_SECOND);
        report.addHead(
                "Shares",
                String.format(
                        Locale.ROOT,
                        "%,d permits a second, a burst of %,d. From second %d to %d all are there; then the client of weight 5 leaves,"
                                + " and from one second later to second %d the others have what it had.",
                        perSecond,
                        pool.limit().capacity(),
                        WARM_UP,
                        leaves,
                        end));
        report.addShares(together);
        report.addAims(aims(together));
        report.addShares(after);
        report.addAims(aims(after));
        Admissions admissions = new Admissions();
        asked.stream().filter(Asked::permitted).forEach(one -> admissions.add(one.beforeNanos(), one.afterNanos(), 1));
        double decisions = asked.size();
        report.addHead("All together", "Of %,.0f decisions, from the first to the last.".formatted(decisions));
        report.addAims(List.of(Aim.atMost(
                "permits surely admitted beyond burst + rate x time, in any interval",
                admissions.above(pool.limit()),
                TWO_CLOCKS,
                "%.0f")));
        report.addValues(List.of(
                "calls of scripts per decision | %.3f".formatted(work.scripts() / decisions),
                "Redis commands per decision, those that scripts call too | %.1f"
                        .formatted(work.commands() / decisions),
                "bytes on the wire per decision, both ways | %.0f".formatted(work.bytes() / decisions),
                "time of scripts per decision, us | %.1f".formatted(work.scriptMicros() / decisions)));
    }

    private static List<Aim> aims(FairShares shares) {
        var windows = shares.windows(Set.of());
        return List.of(
                Aim.atMostPercent("largest error of a client that always wants more", shares.worstError(), 0.01),
                Aim.atLeast("Jain's index over what part of its ideal each of them got", shares.jain(), 0.999, "%.6f"),
                Aim.atMostPercent("error in a single second, on average", windows.getAverage(), 0.02),
                Aim.atMostPercent("error in a single second, at worst", windows.getMax(), 0.05),
                Aim.atLeastPercent("used of what could be", shares.utilisation(), 0.99),
                Aim.atMostPercent("requests of the polite that were refused", shares.refused(POLITE), 0.001));
    }

    private String left(Redis redis) {
        List<String> keys = redis.keys("weir:{pool:" + pool(perSecond).name() + "}:*");
        return keys.isEmpty() ? "nothing" : keys.stream().sorted().collect(Collectors.joining(", "));
    }

    private void addIdle(Redis redis, FairReport report, Instant idle, String emptied) throws InterruptedException {
        Duration waited = Duration.between(idle, Instant.now());
        if (waited.compareTo(CLEANED) < 0) {
            // Redis expires keys by its own clock, which cannot be moved.
            Thread.sleep(CLEANED.minus(waited).toMillis());
        }
        report.addHead("When all have gone", "Keys of the pool in Redis.");
        report.addValues(List.of("when the instances had ended | " + emptied, "a minute later | " + left(redis)));
    }
}
