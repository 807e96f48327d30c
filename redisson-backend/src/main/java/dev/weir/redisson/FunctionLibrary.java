package dev.weir.redisson;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.redisson.api.RedissonClient;

/**
 * All scripts as one library of Redis Functions, which Redis 7 and later keep and replicate; and whether a Redis has
 * it. A function makes its parts once, where {@code EVALSHA} makes them with every call. Thread-safe.
 *
 * <p>The library's name is that of its content: two versions of it stand side by side, none replaces another's, and
 * what is known under the name is what was meant.
 *
 * @see <a href="https://redis.io/docs/latest/develop/interact/programmability/functions-intro/">Redis functions</a>
 */
final class FunctionLibrary {

    /** After what time functions are tried again: rights may have been given, or Redis be another. */
    private static final long WITHOUT_NANOS = Duration.ofMinutes(1).toNanos();

    /** The same where a master has the library already: what the others said is not known then. */
    private static final long IN_DOUBT_NANOS = Duration.ofSeconds(1).toNanos();

    private static final Logger LOG = System.getLogger(RedissonStore.class.getName());
    private static final String MADE = made();
    private static final String REGISTERED = """
            redis.register_function('%s', function(KEYS, ARGV)
              scripts = scripts or made()
              return scripts.%s(KEYS, ARGV)
            end)
            """;

    /** What it is called; each function's name begins with it, because Redis grants a name to one library alone. */
    static final String NAME = "weir_" + LuaScript.sha1(MADE + REGISTERED);

    private final RedissonClient redisson;

    /** Until when no function is called, as {@link System#nanoTime} counts. */
    private final AtomicLong withoutUntil = new AtomicLong(System.nanoTime());

    private final AtomicBoolean isSaid = new AtomicBoolean();

    FunctionLibrary(RedissonClient redisson) {
        this.redisson = redisson;
    }

    /** By what name {@code FCALL} knows a script. */
    static String function(LuaScript script) {
        return NAME + "_" + script.word();
    }

    /** Whether a function may be called: it has not just been seen that none can be. */
    boolean isUsable() {
        return System.nanoTime() - withoutUntil.get() >= 0;
    }

    /**
     * Whether a call that has failed goes on as a script, because it was not run: this Redis has no such function, or
     * takes none from this user, or takes none as long as it cannot write. In the first two cases none is called for a
     * while; if only the library is missing, until it has been loaded.
     */
    boolean goesOnAsScript(Throwable failure) {
        boolean isMissing = RedisFailure.isUnknownFunction(failure);
        if (isMissing || RedisFailure.isFunctionsDenied(failure)) {
            long until = withoutUntil.get();
            long now = System.nanoTime();
            if (now - until >= 0 && withoutUntil.compareAndSet(until, now + WITHOUT_NANOS)) {
                missing(isMissing, failure);
            }
            return true;
        }
        // A script is refused only when it writes: so a client over its limit still gets its refusal.
        return RedisFailure.isWritingRefused(failure);
    }

    private void missing(boolean canLoad, Throwable failure) {
        if (canLoad) {
            load();
        } else {
            say(failure);
        }
    }

    /** On every master. If one has it already, the others may have taken it, or not. */
    private void load() {
        redisson.getFunction(TextCodec.INSTANCE).loadAsync(NAME, text()).whenComplete((loaded, failure) -> {
            if (failure == null) {
                withoutUntil.set(System.nanoTime());
                isSaid.set(false);
            } else if (RedisFailure.isKnownLibrary(failure)) {
                withoutUntil.set(System.nanoTime() + IN_DOUBT_NANOS);
            } else {
                say(failure);
            }
        });
    }

    private void say(Throwable failure) {
        if (isSaid.compareAndSet(false, true)) {
            LOG.log(
                    Level.INFO,
                    "Redis takes no functions now ({0}): scripts do the same, and cost it more",
                    RedisFailure.reason(failure));
        }
    }

    /** Without the first line, which Redisson writes. */
    static String text() {
        return MADE
                + Stream.of(LuaScript.values()).map(FunctionLibrary::registered).collect(Collectors.joining());
    }

    /** While a library is loaded, most of what the parts use is not there yet: they are made at the first call. */
    private static String made() {
        String entries = Stream.of(LuaScript.values())
                .map(script ->
                        "%s = function(KEYS, ARGV)\n%send,\n".formatted(script.word(), LuaSource.read(script.file())))
                .collect(Collectors.joining());
        return "local scripts\nlocal function made()\n"
                + LuaSource.parts(
                        Stream.of(LuaScript.values()).map(LuaScript::file).toList())
                + "return {\n" + entries + "}\nend\n";
    }

    private static String registered(LuaScript script) {
        return REGISTERED.formatted(function(script), script.word());
    }
}
