package dev.weir.benchmarks;

import dev.weir.filter.RateLimits;
import dev.weir.filter.config.ConfigFileSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.eclipse.microprofile.config.Config;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * What following a configuration costs while nothing changes: the processor time of its thread, which looks once a
 * second.
 *
 * <pre>java -jar benchmarks/target/benchmarks.jar config</pre>
 */
@Command(
        name = "config",
        description = "What following a configuration of up to 10,000 keys costs while nothing changes; five minutes.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class ConfigFootprint implements Callable<Integer> {

    private static final int[] KEYS = {100, 1_000, 10_000};
    private static final long WARM_UP_MILLIS = 30_000;
    private static final long MEASURED_MILLIS = 20_000;

    /** Prints a line for each number of keys, in a source of the application and in the file that is watched. */
    @Override
    public Integer call() throws InterruptedException, IOException {
        Path file = Files.createTempFile("weir", ".properties");
        try {
            for (int keys : KEYS) {
                Map<String, String> values = values(keys);
                measure(keys, "a source", config(values));
                Files.write(
                        file,
                        values.entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .toList());
                measure(keys, "the file", config(Map.of("weir.config.file", file.toString())));
            }
        } finally {
            Files.delete(file);
        }
        return CommandLine.ExitCode.OK;
    }

    private static void measure(int keys, String where, Config config) throws InterruptedException {
        try (RateLimits limits = RateLimits.from(config)) {
            // The thread that is measured looks once a second, by the real clock. Its first looks read the sources, and
            // those after them are not compiled yet.
            Thread.sleep(WARM_UP_MILLIS);
            long before = threadNanos();
            // What it works in this time is measured, so the time itself has to pass.
            Thread.sleep(MEASURED_MILLIS);
            double share = (threadNanos() - before) / 1e6 / MEASURED_MILLIS;
            System.out.printf(
                    "%,7d keys in %s, clients %,d: %.3f %% of a processor%n",
                    keys,
                    where,
                    limits.weir().policy("search").terms().clients().size(),
                    100 * share);
        }
    }

    private static Map<String, String> values(int keys) {
        Map<String, String> values = new HashMap<>();
        values.put("weir.policy.search.limit", "100");
        for (int i = 0; values.size() < keys; i++) {
            values.put("weir.policy.search.client.\"client-%d\".weight".formatted(i), Integer.toString(1 + i % 9));
        }
        return values;
    }

    private static Config config(Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .addDefaultSources()
                .withSources(new PropertiesConfigSource(values, "application", 100), new ConfigFileSource())
                .build();
    }

    private static long threadNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (long id : threads.getAllThreadIds()) {
            if (threads.getThreadInfo(id) != null
                    && threads.getThreadInfo(id).getThreadName().equals("weir-config")) {
                return threads.getThreadCpuTime(id);
            }
        }
        throw new IllegalStateException("no thread follows the configuration");
    }
}
