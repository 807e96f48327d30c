package dev.weir.benchmarks;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Decisions that need no other process, by JMH. */
final class InProcess implements Scenario {

    static final String PART = "in-process";

    private static final int ITERATIONS = 2;
    private static final int START_MILLIS = 1_300;

    private final String redisUri;
    private final String clients;
    private final int threads;
    private final Pace pace;

    private InProcess(String redisUri, String clients, int threads, Pace pace) {
        this.redisUri = redisUri;
        this.clients = clients;
        this.threads = threads;
        this.pace = pace.withOverhead(START_MILLIS);
    }

    static List<Scenario> all(String redisUri, Pace pace) {
        return List.of(
                new InProcess(redisUri, "hot", 1, pace),
                new InProcess(redisUri, "hot", 2, pace),
                new InProcess(redisUri, "many", 1, pace),
                new InProcess(redisUri, "many", 2, pace));
    }

    @Override
    public String part() {
        return PART;
    }

    @Override
    public String name() {
        return "%s, %s, %d".formatted(PART, clients, threads);
    }

    @Override
    public String description() {
        return "In process, %s, %d thread%s"
                .formatted(
                        clients.equals("hot") ? "one hot client" : "%,d clients".formatted(Clients.MANY),
                        threads,
                        threads == 1 ? "" : "s");
    }

    @Override
    public List<String> rows() {
        return List.copyOf(LocalContenders.all(redisUri).keySet());
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("nanos", "ns a decision", 0), new Column("bytes", "bytes allocated", 0));
    }

    @Override
    public boolean lessIsBetter() {
        return true;
    }

    @Override
    public boolean isMeasuredHere() {
        return true;
    }

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public Map<String, Double> measure(String row) throws Exception {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(InProcessBenchmark.class.getName() + ".decide")
                        .param("limiter", row)
                        .param("clients", clients)
                        .threads(threads)
                        .warmupIterations(ITERATIONS)
                        .warmupTime(part(pace.warmUp()))
                        .measurementIterations(ITERATIONS)
                        .measurementTime(part(pace.time()))
                        .jvmArgsAppend("-D%s=%s".formatted(InProcessBenchmark.REDIS, redisUri))
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        RunResult result = results.iterator().next();
        return Map.of(
                "nanos",
                result.getPrimaryResult().getScore(),
                "bytes",
                result.getSecondaryResults().get("gc.alloc.rate.norm").getScore());
    }

    private static TimeValue part(Duration whole) {
        return TimeValue.milliseconds(whole.toMillis() / ITERATIONS);
    }
}
