package dev.weir.benchmarks;

import com.google.common.util.concurrent.RateLimiter;
import com.sun.management.OperatingSystemMXBean;
import dev.weir.Weir;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.github.bucket4j.redis.redisson.Bucket4jRedisson;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.eclipse.jetty.server.Server;
import org.glassfish.jersey.servlet.ServletContainer;
import org.openjdk.jmh.runner.Runner;
import org.redisson.Redisson;

/** What a run ran on, and what was measured. */
final class Machine {

    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final Path OS = Path.of("/etc/os-release");

    private Machine() {}

    static Map<String, String> describe(Redis redis) throws IOException {
        Map<String, String> machine = describe();
        machine.put("Redis", redis.info("server", "redis_version"));
        return machine;
    }

    static Map<String, String> describe() throws IOException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("processor", line(CPU, "model name").orElse(System.getProperty("os.arch")));
        machine.put(
                "processors available", Integer.toString(Runtime.getRuntime().availableProcessors()));
        machine.put("memory", "%.1f GiB".formatted(system.getTotalMemorySize() / (double) (1 << 30)));
        machine.put(
                "system",
                line(OS, "PRETTY_NAME").map(name -> name + ", ").orElse("") + System.getProperty("os.name") + " "
                        + System.getProperty("os.version"));
        machine.put(
                "load before the run", "%.2f, of what else the machine does".formatted(system.getSystemLoadAverage()));
        machine.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        return machine;
    }

    /** The jars that hold the contenders and what they run on, by their names. */
    static Set<String> libraries() {
        Set<String> jars = new TreeSet<>();
        Stream.of(
                        Bucket.class,
                        Bucket4jLettuce.class,
                        Bucket4jRedisson.class,
                        RateLimiter.class,
                        io.github.resilience4j.ratelimiter.RateLimiter.class,
                        Redisson.class,
                        RedisClient.class,
                        Server.class,
                        ServletContainer.class,
                        Runner.class,
                        Weir.class)
                .map(Machine::version)
                .forEach(jars::add);
        return jars;
    }

    /** The name of the jar that a class is from, without its ending. */
    static String version(Class<?> type) {
        Path jar =
                Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
        return jar.getFileName().toString().replaceFirst("\\.jar$", "");
    }

    private static Optional<String> line(Path file, String name) throws IOException {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.split("[:=]", 2)[1].strip().replace("\"", ""))
                    .findFirst();
        }
    }
}
