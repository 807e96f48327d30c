package dev.weir.benchmarks;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a process does that measures one row once. Each measurement has a process of its own, as with JMH: what the
 * compiler has learned from one contender, and the threads and the garbage that it has left, slow down no other.
 */
@Command(
        name = "row",
        hidden = true,
        description = "Measures one row of compare once, and prints its values as JSON.",
        mixinStandardHelpOptions = true)
final class Row implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONGEST_LIFE = Duration.ofMinutes(2);

    @Option(names = "--scenario", required = true, paramLabel = "NAME")
    private String scenario;

    @Option(names = "--row", required = true, paramLabel = "NAME")
    private String row;

    @Option(names = "--redis", required = true, paramLabel = "URI")
    private String redisUri;

    @Option(names = "--threads", required = true, paramLabel = "N")
    private int threads;

    @Option(names = "--quick")
    private boolean quick;

    @Override
    public Integer call() throws Exception {
        try (Redis redis = Redis.at(redisUri)) {
            Scenario asked = Scenarios.all(redis, threads, quick).stream()
                    .filter(each -> each.name().equals(scenario))
                    .findFirst()
                    .orElseThrow();
            System.out.println(JSON.writeValueAsString(asked.measure(row)));
        }
        return 0;
    }

    /** Measures a row in a process of its own. */
    static Map<String, Double> measure(String scenario, String row, String redisUri, int threads, boolean quick)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Benchmarks.class.getName(), "row"));
        command.addAll(List.of("--scenario", scenario, "--row", row, "--redis", redisUri));
        command.addAll(List.of("--threads", Integer.toString(threads)));
        if (quick) {
            command.add("--quick");
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            if (!process.waitFor(LONGEST_LIFE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the process has not ended within " + LONGEST_LIFE);
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException("the process has failed; what it said of it is above");
            }
            return JSON.readValue(process.getInputStream(), new TypeReference<>() {});
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
