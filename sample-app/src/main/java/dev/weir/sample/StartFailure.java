package dev.weir.sample;

import java.io.IOException;
import java.util.Optional;

/** Why the server did not start. */
final class StartFailure {

    private StartFailure() {}

    /**
     * In one line, where the port or the configuration is to blame: a limit below what a resource costs, for instance.
     */
    static Optional<String> inOneLine(Exception failure, int port) {
        Throwable cause = failure;
        while (!(cause instanceof IllegalArgumentException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (failure instanceof IOException) {
            return Optional.of("--port %d: %s".formatted(port, cause.getMessage()));
        }
        return cause instanceof IllegalArgumentException
                ? Optional.of(String.valueOf(cause.getMessage()))
                : Optional.empty();
    }
}
