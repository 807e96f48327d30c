package dev.weir.sample.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How another instance of the demo is started: the same program, with the same options. */
public final class PartCommand {

    private PartCommand() {}

    /**
     * @param main the class to start
     * @param port that of the first instance; 0 lets each take a free one
     * @param redis the Redis that all share; null for memory
     */
    public static List<String> of(int part, Class<?> main, int port, @Nullable Path config, @Nullable String redis) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                "--demo-part",
                "--instance-id",
                "demo-" + part,
                "--port",
                Integer.toString(port == 0 ? 0 : port + part - 1)));
        if (config != null) {
            command.addAll(List.of("--config", config.toString()));
        }
        command.addAll(redis == null ? List.of("--store", "memory") : List.of("--redis", redis));
        return command;
    }
}
