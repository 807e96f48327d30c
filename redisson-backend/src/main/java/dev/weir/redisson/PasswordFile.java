package dev.weir.redisson;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.redisson.config.Credentials;
import org.redisson.config.CredentialsResolver;

/**
 * The password of each new connection: what a file holds when the connection is made, so that it can change while
 * instances run. Connections that are there stay as they are: Redis does not ask them again.
 */
record PasswordFile(Path file) implements CredentialsResolver {

    private static final int MAX_BYTES = 1_024;

    /** @throws IllegalArgumentException if there is no password in the file; names key, value and what is allowed */
    static PasswordFile of(String path) {
        try {
            PasswordFile file = new PasswordFile(Path.of(path));
            file.password();
            return file;
        } catch (IOException e) {
            throw wrong(path, e.getMessage());
        } catch (InvalidPathException e) {
            throw wrong(path, "no file can be called so");
        }
    }

    private static IllegalArgumentException wrong(String path, @Nullable String why) {
        return new IllegalArgumentException(
                "%s must name a file with a password of 1 to %,d bytes in UTF-8, but '%s' is not one: %s"
                        .formatted(RedissonSettings.PASSWORD_FILE, MAX_BYTES, RedissonSettings.shownFile(path), why));
    }

    /**
     * Without the line break at its end that editors write.
     *
     * @throws IOException with a message that says what is wrong, and nothing of the content
     */
    private String password() throws IOException {
        String password = content().replaceFirst("\\R\\z", "");
        if (password.isEmpty()) {
            throw new IOException("it is empty");
        }
        if (password.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IOException("it is longer");
        }
        return password;
    }

    private String content() throws IOException {
        try (InputStream input = Files.newInputStream(file)) {
            return new String(input.readNBytes(MAX_BYTES + 2), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IOException("it cannot be read", e);
        }
    }

    /** The user is that of the configuration. */
    @Override
    public CompletionStage<Credentials> resolve(@Nullable InetSocketAddress address) {
        try {
            return CompletableFuture.completedFuture(new Credentials(null, password()));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(
                    new IOException("%s=%s: %s".formatted(RedissonSettings.PASSWORD_FILE, file, e.getMessage()), e));
        }
    }
}
