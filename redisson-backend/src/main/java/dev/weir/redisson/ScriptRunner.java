package dev.weir.redisson;

import dev.weir.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.redisson.api.FunctionMode;
import org.redisson.api.FunctionResult;
import org.redisson.api.RFuture;
import org.redisson.api.RScript.Mode;
import org.redisson.api.RScript.ReturnType;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.OptionalOptions;

/**
 * Runs scripts on Redis, each at most once per call: as functions where Redis takes them, else by {@code EVALSHA}.
 * Thread-safe.
 *
 * <p>Redisson by default sends a command again when its answer is late, and then it may run twice. Here nothing is
 * resent, with one exception that is safe: a node that says that it does not know a function or a script, or that this
 * user may not call functions, has not run it.
 *
 * <pre>
 *   FCALL --- not known, or not allowed --> EVALSHA --- not known --> EVAL
 *               |
 *               +--> FUNCTION LOAD, meanwhile EVALSHA; if that fails, EVALSHA for a minute
 * </pre>
 *
 * So a node that was flushed, restarted or failed over to heals itself, and no call waits for the library.
 */
final class ScriptRunner {

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

    private final RedissonClient redisson;

    private final FunctionLibrary library;

    ScriptRunner(RedissonClient redisson) {
        this.redisson = redisson;
        this.library = new FunctionLibrary(redisson);
    }

    RedissonClient redisson() {
        return redisson;
    }

    /**
     * Runs on the node that holds the first key, a master.
     *
     * @param keys all in one slot
     * @param reader makes an answer of what the script returned: {@code Long}s and {@code String}s
     * @return what the reader makes; fails with a {@link StoreException}
     */
    <T> CompletableFuture<T> run(
            LuaScript script, List<String> keys, Function<List<Object>, T> reader, Object... arguments) {
        Call<T> call = new Call<>(script, keys, reader, arguments);
        try {
            NettyThreads.run(redisson, call::send);
        } catch (Throwable e) { // An Error as well, or no caller would ever be answered.
            call.answer.completeExceptionally(RedisFailure.of(e));
        }
        return call.answer;
    }

    private static OptionalOptions options() {
        return OptionalOptions.defaults()
                .codec(TextCodec.INSTANCE)
                .retryAttempts(0)
                .timeout(PATIENCE);
    }

    /** A form in which a call is sent; and what follows where Redis says that it does not know that form. */
    private record Form(Supplier<RFuture<List<Object>>> sent, Predicate<Throwable> isUnknown, Supplier<Form> next) {}

    /** One call, in whatever form it is sent. */
    private final class Call<T> {

        final CompletableFuture<T> answer = new CompletableFuture<>();
        private final LuaScript script;
        private final List<Object> keys;
        private final Function<List<Object>, T> reader;
        private final Object[] arguments;

        Call(LuaScript script, List<String> keys, Function<List<Object>, T> reader, Object[] arguments) {
            this.script = script;
            this.keys = List.copyOf(keys);
            this.reader = reader;
            this.arguments = arguments;
        }

        void send() {
            send(library.isUsable() ? function() : hash());
        }

        private Form function() {
            return new Form(
                    () -> redisson.getFunction(options())
                            .callAsync(
                                    key(),
                                    FunctionMode.WRITE,
                                    FunctionLibrary.function(script),
                                    FunctionResult.LIST,
                                    keys,
                                    arguments),
                    library::goesOnAsScript,
                    this::hash);
        }

        private Form hash() {
            return new Form(
                    () -> redisson.getScript(options())
                            .evalShaAsync(key(), Mode.READ_WRITE, script.sha1(), LIST, keys, arguments),
                    RedisFailure::isUnknownScript,
                    () -> text(WHOLE_TEXTS));
        }

        private Form text(int timesLeft) {
            return new Form(
                    () -> redisson.getScript(options())
                            .evalAsync(key(), Mode.READ_WRITE, script.text(), LIST, keys, arguments),
                    failure -> timesLeft > 1 && RedisFailure.isUnknownScript(failure),
                    () -> text(timesLeft - 1));
        }

        private String key() {
            return (String) keys.get(0);
        }

        private void send(Form form) {
            if (answer.isCancelled()) {
                return;
            }
            try {
                RFuture<List<Object>> sent = form.sent.get();
                answer.whenComplete((reply, failure) -> {
                    if (answer.isCancelled()) {
                        sent.cancel(false); // What no caller waits for any more need not be sent, if it has not been.
                    }
                });
                sent.whenComplete((reply, failure) -> end(form, reply, failure));
            } catch (Throwable e) { // An Error as well, or no caller would ever be answered.
                answer.completeExceptionally(RedisFailure.of(e));
            }
        }

        private void end(Form form, @Nullable List<Object> reply, @Nullable Throwable failure) {
            try {
                if (failure == null) {
                    answer.complete(reader.apply(reply));
                } else if (form.isUnknown.test(failure)) {
                    send(form.next.get());
                } else {
                    answer.completeExceptionally(RedisFailure.of(failure));
                }
            } catch (Throwable e) {
                answer.completeExceptionally(RedisFailure.of(e));
            }
        }
    }
}
