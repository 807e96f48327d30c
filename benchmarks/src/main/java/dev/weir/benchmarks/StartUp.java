package dev.weir.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How long it takes from the start of a virtual machine until it has decided, and has decided a thousand times. */
final class StartUp implements Scenario {

    static final String PART = "start-up";

    /** About how long a process lives. */
    private static final Duration LIFE = Duration.ofMillis(2_500);

    private static final Duration LONGEST_LIFE = Duration.ofSeconds(30);

    private final String redisUri;
    private final Pace pace;

    StartUp(String redisUri, int repetitions) {
        this.redisUri = redisUri;
        this.pace = new Pace(repetitions, Duration.ZERO, LIFE, Duration.ZERO);
    }

    @Override
    public String part() {
        return PART;
    }

    @Override
    public String description() {
        return "From the start of a virtual machine on, one client, one thread";
    }

    @Override
    public List<String> rows() {
        return List.copyOf(StartUpProcess.openers().keySet());
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("thousandMillis", "ms to 1,000 decisions", 0),
                new Column("firstMillis", "ms to the first", 0));
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
    public Map<String, Double> measure(String row) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StartUpProcess.class.getName(),
                        row,
                        redisUri)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            double first = millisUntil(StartUpProcess.FIRST, said, start);
            double thousand = millisUntil(StartUpProcess.THOUSAND, said, start);
            if (!process.waitFor(LONGEST_LIFE.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("the process has failed");
            }
            return Map.of("firstMillis", first, "thousandMillis", thousand);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static double millisUntil(String line, BufferedReader said, long start) throws IOException {
        String next = said.readLine();
        double millis = (System.nanoTime() - start) / 1e6;
        if (!line.equals(next)) {
            throw new IllegalStateException("the process said '%s' and not '%s'".formatted(next, line));
        }
        return millis;
    }
}
