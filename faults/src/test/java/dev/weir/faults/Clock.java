package dev.weir.faults;

import dev.weir.faults.clock.AgentJar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The wall clock of an instance, if the test sets it. */
final class Clock {

    private static final Path JAR = jar();

    private Clock() {}

    private static Path jar() {
        try {
            return AgentJar.write(
                    Files.createDirectories(Path.of("target", "clock").toAbsolutePath()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Options of a virtual machine that starts with its clock so far ahead of the machine's, or behind. It does not log
     * that its clock is set.
     */
    static List<String> options(Duration ahead) {
        return List.of(
                "-javaagent:%s=%d".formatted(JAR, ahead.toMillis()),
                "-XX:-PrintWarnings",
                "-XX:+EnableDynamicAgentLoading");
    }

    /** Sets it while the virtual machine runs. */
    static void set(long pid, Duration ahead) {
        String said = Jcmd.ask(pid, "JVMTI.agent_load", JAR.toString(), Long.toString(ahead.toMillis()));
        if (!said.contains("return code: 0")) {
            throw new IllegalStateException("the clock was not set: " + said);
        }
    }
}
