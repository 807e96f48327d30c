package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** A file system that is not ours, of which nothing works. */
    @ParameterizedTest
    @ValueSource(classes = {SecurityException.class, InternalError.class})
    void pause_directoryThatCannotBeWatched_takesItsTime(Class<? extends Throwable> failure) throws Exception {
        Path broken = (Path) Proxy.newProxyInstance(
                Path.class.getClassLoader(), new Class<?>[] {Path.class}, (proxy, method, arguments) -> {
                    throw failure.getDeclaredConstructor().newInstance();
                });
        try (DirectoryWatch watch = new DirectoryWatch(Optional.of(broken))) {
            long startNanos = System.nanoTime();

            watch.pause(SHORT);

            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isGreaterThanOrEqualTo(SHORT);
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
