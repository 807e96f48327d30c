package dev.weir.redisson;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
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

    /** So many bytes of the file may be none of the password: the byte-order mark and the line break. */
    private static final int MOST_AROUND = 5;

    /** @throws IllegalArgumentException if there is no password in the file; names the key and what is allowed */
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
                "%s must name a file with a password, one line of 1 to %,d bytes in UTF-8, but '%s' is not one: %s"
                        .formatted(RedissonSettings.PASSWORD_FILE, MAX_BYTES, shown(path), why));
    }

    /** The value, if there is such a file, or a directory for it: else it may be the password itself. */
    private static String shown(String path) {
        File file = new File(path);
        File directory = file.getParentFile();
        boolean isPath = file.exists() || directory != null && directory.getParent() != null && directory.isDirectory();
        return isPath ? path : "... (not shown: it may be the password)";
    }

    /**
     * Without the line break at its end that editors write, and the byte-order mark that some of them begin with.
     *
     * @throws IOException with a message that says what is wrong, and nothing of the content
     */
    private String password() throws IOException {
        String password = content().replaceFirst("\\A\uFEFF", "").replaceFirst("\\r?\\n\\z", "");
        if (password.isEmpty()) {
            throw new IOException("it is empty");
        }
        if (password.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IOException("it is longer");
        }
        if (password.contains("\n") || password.contains("\r")) {
            throw new IOException("it has several lines");
        }
        return password;
    }

    private String content() throws IOException {
        if (!Files.isRegularFile(file)) { // Another one, a pipe for instance, could be waited for without end.
            throw new IOException("there is no such file");
        }
        byte[] content = new byte[0];
        try (InputStream input = Files.newInputStream(file)) {
            content = input.readNBytes(MAX_BYTES + MOST_AROUND + 1);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException(content.length > MAX_BYTES ? "it is longer" : "it is not UTF-8");
        } catch (IOException e) {
            throw new IOException("it cannot be read"); // Without the cause, which the log would show instead.
        }
    }

    /** The user is that of the configuration. */
    @Override
    public CompletionStage<Credentials> resolve(@Nullable InetSocketAddress address) {
        try {
            return CompletableFuture.completedFuture(new Credentials(null, password()));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(
                    new IOException("%s=%s: %s".formatted(RedissonSettings.PASSWORD_FILE, file, e.getMessage())));
        }
    }
}
