package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class DirectoryWatchTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir
    private Path directory;

    @Test
    void pause_somethingHappens_endsEarly() throws Exception {
        try (DirectoryWatch watch = new DirectoryWatch(Optional.of(directory))) {
            watch.pause(SHORT); // From now on it watches.
            Files.writeString(directory.resolve("a"), "1");

            watch.pause(LONG);

            Files.delete(directory.resolve("a"));
            watch.pause(LONG);
        }
    }

    @Test
    void pause_nothingHappensOrThereIsNothingToWatch_takesItsTime() throws Exception {
        for (Optional<Path> watched : List.<Optional<Path>>of(
                Optional.of(directory), Optional.of(directory.resolve("absent")), Optional.empty())) {
            try (DirectoryWatch watch = new DirectoryWatch(watched)) {
                long startNanos = System.nanoTime();

                watch.pause(SHORT);

                assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isGreaterThanOrEqualTo(SHORT);
            }
        }
    }

    @Test
    void pause_directoryThatComesBack_isWatchedAgain() throws Exception {
        Path inner = Files.createDirectory(directory.resolve("inner"));
        try (DirectoryWatch watch = new DirectoryWatch(Optional.of(inner))) {
            watch.pause(SHORT);
            Files.delete(inner);
            watch.pause(LONG);
            watch.pause(SHORT);
            Files.createDirectory(inner);
            watch.pause(SHORT);
            Files.writeString(inner.resolve("a"), "1");

            watch.pause(LONG);
        }
    }
}
