package dev.weir.redisson;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import redis.embedded.RedisExecProvider;

/** Where the program {@code redis-server} is: on the path, or else the one that the library embedded-redis carries. */
final class RedisBinary {

    private static final Path PATH = onPath().orElseGet(RedisBinary::embedded);

    private RedisBinary() {}

    static Path path() {
        return PATH;
    }

    /** Whether it is not the one on the path. */
    static boolean isEmbedded() {
        return onPath().isEmpty();
    }

    private static Optional<Path> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Path embedded() {
        try {
            File file = RedisExecProvider.defaultProvider().get();
            file.deleteOnExit();
            file.getParentFile().deleteOnExit();
            return file.toPath();
        } catch (IOException e) {
            throw new IllegalStateException("neither redis-server on the path nor an embedded one for this system", e);
        }
    }
}
