package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code prometheus} and {@code promtool}: those on the path, or of Debian's package, unpacked under {@code target} but
 * not installed.
 */
final class PrometheusPrograms {

    private static final Path FETCHED = Path.of("target", "prometheus").toAbsolutePath();

    /** Where Debian's archive cannot be reached, apt tries for minutes. */
    private static final long FETCH_SECONDS = 60;

    private PrometheusPrograms() {}

    static Optional<Path> find(String name) {
        return Stream.concat(
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                                .map(directory -> Path.of(directory, name)),
                        Stream.of(FETCHED.resolve("usr/bin").resolve(name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** As {@link #find}, but unpacks the package if need be; empty where that fails. */
    static Optional<Path> findOrFetch(String name) throws IOException, InterruptedException {
        Optional<Path> found = find(name);
        if (found.isPresent()) {
            return found;
        }
        Process fetching = new ProcessBuilder("sh", "src/test/alerts/fetch-prometheus.sh", FETCHED.toString())
                .inheritIO()
                .start();
        if (!fetching.waitFor(FETCH_SECONDS, TimeUnit.SECONDS)) {
            fetching.descendants().forEach(ProcessHandle::destroyForcibly);
            fetching.destroyForcibly().waitFor();
        }
        return find(name);
    }

    /** Checks what is in {@code docs/operations}, and runs its tests; fails with what promtool says. */
    static void testRules(Path promtool) throws IOException, InterruptedException {
        run(promtool, "check", "config", "prometheus.yml");
        run(promtool, "test", "rules", "alerts.test.yml");
    }

    private static void run(Path promtool, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(promtool.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(Path.of("..", "docs", "operations").toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
    }
}
