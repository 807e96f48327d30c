package dev.weir.redisson;

import dev.weir.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.redisson.api.RFuture;
import org.redisson.api.RScript;
import org.redisson.api.RScript.Mode;
import org.redisson.api.RScript.ReturnType;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.OptionalOptions;
import org.redisson.client.codec.StringCodec;

/**
 * A script that Redis runs, sent at most once per call.
 *
 * <p>Redisson by default sends a command again when its answer is late, and then it may run twice. Here nothing is
 * resent. The one exception is safe: a node that says that it does not know the script has not run it. It is then sent
 * the whole text, which also teaches it the script; a node that was flushed, restarted or failed over to heals itself
 * so.
 *
 * @param text the source
 * @param sha1 how Redis calls it
 */
record LuaScript(String text, String sha1) {

    /** How long each step of a call may take: getting a connection, writing, and the answer. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    /**
     * How often the whole text may follow: a client that caches scripts sends even that by its hash first, and a node
     * may be flushed in between.
     */
    private static final int WHOLE_TEXTS = 3;

    /** The script made of resource files, one after the other. */
    static LuaScript of(String... files) {
        StringBuilder text = new StringBuilder();
        for (String file : files) {
            text.append(read(file)).append('\n');
        }
        return new LuaScript(text.toString(), sha1(text.toString()));
    }

    /**
     * Runs on the node that holds the first key, a master.
     *
     * @param keys all in one slot
     * @param reader makes an answer of what the script returned: {@code Long}s and {@code String}s
     * @return what the reader makes; fails with a {@link StoreException}
     */
    <T> CompletableFuture<T> run(
            RedissonClient redisson, List<String> keys, Function<List<Object>, T> reader, Object... arguments) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            RScript script = redisson.getScript(OptionalOptions.defaults()
                    .codec(StringCodec.INSTANCE)
                    .retryAttempts(0)
                    .timeout(PATIENCE));
            List<Object> scriptKeys = List.copyOf(keys);
            Supplier<RFuture<List<Object>>> whole =
                    () -> script.evalAsync(keys.get(0), Mode.READ_WRITE, text, ReturnType.LIST, scriptKeys, arguments);
            send(
                    answer,
                    script.evalShaAsync(keys.get(0), Mode.READ_WRITE, sha1, ReturnType.LIST, scriptKeys, arguments),
                    reader,
                    whole,
                    WHOLE_TEXTS);
        } catch (Throwable e) { // An Error as well, or no caller would ever be answered.
            answer.completeExceptionally(RedisFailure.of(e));
        }
        return answer;
    }

    private static <T> void send(
            CompletableFuture<T> answer,
            RFuture<List<Object>> sent,
            Function<List<Object>, T> reader,
            Supplier<RFuture<List<Object>>> ifUnknown,
            int timesLeft) {
        answer.whenComplete((reply, failure) -> {
            if (answer.isCancelled()) {
                sent.cancel(false); // What no caller waits for any more need not be sent, if it has not been.
            }
        });
        sent.whenComplete((reply, failure) -> {
            try {
                if (failure == null) {
                    answer.complete(reader.apply(reply));
                } else if (timesLeft > 0 && RedisFailure.isUnknownScript(failure)) {
                    send(answer, ifUnknown.get(), reader, ifUnknown, timesLeft - 1);
                } else {
                    answer.completeExceptionally(RedisFailure.of(failure));
                }
            } catch (Throwable e) {
                answer.completeExceptionally(RedisFailure.of(e));
            }
        });
    }

    private static String read(String file) {
        try (InputStream in = LuaScript.class.getResourceAsStream(file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha1(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
