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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

    /** That a script returns a list: {@code LIST} since Redisson 4, {@code MULTI} before. */
    private static final ReturnType LIST = Stream.of(ReturnType.values())
            .filter(type -> Set.of("LIST", "MULTI").contains(type.name()))
            .findFirst()
            .orElseThrow();

    private static final Pattern NEEDS = Pattern.compile("^-- needs +(.+)$", Pattern.MULTILINE);
    private static final String NOTHING = "none";

    /**
     * The script of a resource file, with the parts that it stands on before it: those that its line {@code needs}
     * names, and what they need in turn, each once.
     *
     * <p>Every file is the body of a function of its own, so that none takes anything from the 200 local variables that
     * Lua grants to another. The names that all share are the parts' alone: {@code fixed-window.lua} is {@code
     * fixed_window}.
     *
     * <p>Redis runs a script from its first line each time, so parts are made with every call. What a part uses of
     * another once or twice, it calls by the other's name; an alias pays off only where it is used more often.
     */
    static LuaScript of(String file) {
        String entry = read(file);
        Map<String, String> parts = new LinkedHashMap<>();
        needs(entry).forEach(part -> add(part, parts));
        StringBuilder text = new StringBuilder();
        parts.forEach((part, source) ->
                text.append("local ").append(name(part)).append(" = ").append(call(source)));
        text.append("return ").append(call(entry));
        return new LuaScript(text.toString(), sha1(text.toString()));
    }

    private static void add(String part, Map<String, String> parts) {
        if (!parts.containsKey(part)) {
            String source = read(part + ".lua");
            needs(source).forEach(need -> add(need, parts));
            parts.put(part, source);
        }
    }

    private static String call(String source) {
        return "(function()\n" + source + "end)()\n";
    }

    /** By what name the others call a part. */
    static String name(String part) {
        return part.replace('-', '_');
    }

    /** The parts that a file declares to need. */
    static List<String> needs(String source) {
        Matcher line = NEEDS.matcher(source);
        if (!line.find()) {
            throw new IllegalStateException("a file does not say what it needs: " + source);
        }
        return line.group(1).equals(NOTHING) ? List.of() : List.of(line.group(1).split(", "));
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
            NettyThreads.run(redisson, () -> send(redisson, keys, answer, reader, arguments));
        } catch (Throwable e) { // An Error as well, or no caller would ever be answered.
            answer.completeExceptionally(RedisFailure.of(e));
        }
        return answer;
    }

    private <T> void send(
            RedissonClient redisson,
            List<String> keys,
            CompletableFuture<T> answer,
            Function<List<Object>, T> reader,
            Object... arguments) {
        if (answer.isCancelled()) {
            return;
        }
        try {
            RScript script = redisson.getScript(OptionalOptions.defaults()
                    .codec(StringCodec.INSTANCE)
                    .retryAttempts(0)
                    .timeout(PATIENCE));
            List<Object> scriptKeys = List.copyOf(keys);
            Supplier<RFuture<List<Object>>> whole =
                    () -> script.evalAsync(keys.get(0), Mode.READ_WRITE, text, LIST, scriptKeys, arguments);
            send(
                    answer,
                    script.evalShaAsync(keys.get(0), Mode.READ_WRITE, sha1, LIST, scriptKeys, arguments),
                    reader,
                    whole,
                    WHOLE_TEXTS);
        } catch (Throwable e) { // An Error as well, or no caller would ever be answered.
            answer.completeExceptionally(RedisFailure.of(e));
        }
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

    static String read(String file) {
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
