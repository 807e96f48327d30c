package dev.weir.redisson;

import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.redisson.RedissonShutdownException;
import org.redisson.client.RedisBusyException;
import org.redisson.client.RedisClusterDownException;
import org.redisson.client.RedisConnectionException;
import org.redisson.client.RedisException;
import org.redisson.client.RedisLoadingException;
import org.redisson.client.RedisMasterDownException;
import org.redisson.client.RedisNoReplicasException;
import org.redisson.client.RedisNoScriptException;
import org.redisson.client.RedisNodeNotFoundException;
import org.redisson.client.RedisOutOfMemoryException;
import org.redisson.client.RedisReadonlyException;
import org.redisson.client.RedisReconnectedException;
import org.redisson.client.RedisResponseTimeoutException;
import org.redisson.client.RedisTimeoutException;
import org.redisson.client.RedisTryAgainException;

/** What a failure of Redisson means to the caller. */
final class RedisFailure {

    /** How a node that is not, not yet or no longer a master begins its answer. */
    private static final List<String> NO_MASTER = List.of("READONLY", "MASTERDOWN", "CLUSTERDOWN", "LOADING");

    /** How a node begins its answer that cannot write now: its memory or disk is full, or too few replicas follow. */
    private static final List<String> NO_WRITING = List.of("OOM", "MISCONF", "NOREPLICAS");

    /** Servers and services have words of their own for it. What a function itself has failed at names its place. */
    private static final Pattern FUNCTIONS_DENIED = Pattern.compile("(?is)(?!.*user_function).*\\bfcall\\b");

    private static final Pattern KNOWN_LIBRARY = Pattern.compile("ERR Library '\\w+' already exists");

    /** What follows in Redisson's words where Redis has answered with an error. */
    private static final String ADDED = ". channel:";

    private static final String NO_CONNECTION = "no connection to Redis";

    private RedisFailure() {}

    /** Redisson's own message is left to the cause: it is long, and quotes the client's id. */
    static StoreException of(Throwable thrown) {
        Throwable cause = cause(thrown);
        if (cause instanceof StoreException known) {
            return known;
        }
        if (cause instanceof RedisResponseTimeoutException) {
            return new StoreException(
                    Kind.TIMEOUT,
                    "Redis did not answer within %d ms".formatted(ScriptRunner.PATIENCE.toMillis()),
                    cause);
        }
        if (isUnreachable(cause)) {
            return isUncharged(cause)
                    ? StoreException.uncharged(Kind.UNREACHABLE, NO_CONNECTION, cause)
                    : new StoreException(Kind.UNREACHABLE, NO_CONNECTION, cause);
        }
        if (cause instanceof Error) {
            return new StoreException(Kind.ERROR, "the call to Redis failed: " + cause, cause);
        }
        String message = "Redis answered with an error: " + answer(cause);
        return isWritingRefused(cause) || isPutOff(cause)
                ? StoreException.uncharged(Kind.ERROR, message, cause)
                : new StoreException(Kind.ERROR, message, cause);
    }

    /** What it means that a script could not decide one of its requests: its words are those of Redis, or of Lua. */
    static StoreException ofRequest(String why) {
        IllegalStateException cause = new IllegalStateException(why);
        if (NO_MASTER.stream().anyMatch(why::startsWith)) {
            return StoreException.uncharged(Kind.UNREACHABLE, NO_CONNECTION, cause);
        }
        String message = "Redis answered with an error: " + why;
        return NO_WRITING.stream().anyMatch(why::startsWith)
                ? StoreException.uncharged(Kind.ERROR, message, cause)
                : new StoreException(Kind.ERROR, message, cause);
    }

    /** Whether a node answered that it does not know the script: so it has not run it. */
    static boolean isUnknownScript(Throwable thrown) {
        return cause(thrown) instanceof RedisNoScriptException;
    }

    /** Whether a node answered that it does not know the function: so it has not run it. */
    static boolean isUnknownFunction(Throwable thrown) {
        return error(thrown).startsWith("ERR Function not found");
    }

    /** Whether a node answered that it takes no function, or none from this user: so it has not run it. */
    static boolean isFunctionsDenied(Throwable thrown) {
        return FUNCTIONS_DENIED.matcher(error(thrown)).lookingAt();
    }

    /** Whether a node answered that it has a library of this name already. */
    static boolean isKnownLibrary(Throwable thrown) {
        return KNOWN_LIBRARY.matcher(error(thrown)).lookingAt();
    }

    /**
     * Whether a node answered that it cannot write now: its memory or disk is full, or too few replicas follow. It
     * refuses a function for that before it runs it, and a script at its first write, but at none that follows: so
     * nothing was charged.
     */
    static boolean isWritingRefused(Throwable thrown) {
        return cause(thrown) instanceof RedisOutOfMemoryException
                || cause(thrown) instanceof RedisNoReplicasException
                || NO_WRITING.stream().anyMatch(error(thrown)::startsWith);
    }

    /**
     * Whether a node answered that it runs nothing of the kind now: a slot moves, and not all keys are in one place
     * (TRYAGAIN), or another script has run for too long (BUSY). It says so before it runs anything.
     */
    private static boolean isPutOff(Throwable cause) {
        return cause instanceof RedisTryAgainException || cause instanceof RedisBusyException;
    }

    /** Whether a connection was there, and the answer was not in time. */
    static boolean isLate(Throwable thrown) {
        Throwable cause = innermost(thrown);
        return cause instanceof RedisTimeoutException || cause instanceof TimeoutException;
    }

    /** The innermost cause, in a few words. */
    static String reason(Throwable thrown) {
        return answer(innermost(thrown));
    }

    static Throwable innermost(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    /**
     * The error that Redis answered with, if it is one that Redisson has no class for; else nothing. What Redisson says
     * of a time-out names the command as well, and that may have run.
     */
    private static String error(Throwable thrown) {
        Throwable cause = cause(thrown);
        String message = String.valueOf(cause.getMessage());
        return cause.getClass() == RedisException.class && message.contains(ADDED) ? answer(cause) : "";
    }

    /** What Redis said, without what Redisson adds: the channel, and the arguments, among them the client's id. */
    private static String answer(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        int added = message.indexOf(ADDED);
        return added < 0 ? message : message.substring(0, added);
    }

    /**
     * Whether the call was surely not charged: no connection was there for it, or a node refused it that is no master.
     * A connection that broke may have taken it before.
     */
    private static boolean isUncharged(Throwable cause) {
        return cause.getClass() == RedisConnectionException.class
                || cause instanceof RedisNodeNotFoundException
                || cause instanceof RedissonShutdownException
                || cause instanceof RedisClusterDownException
                || cause instanceof RedisMasterDownException
                || cause instanceof RedisLoadingException
                || cause instanceof RedisReadonlyException;
    }

    /**
     * Whether no node could decide: no connection that took the call, or a node that is not, not yet or no longer
     * a master.
     */
    private static boolean isUnreachable(Throwable cause) {
        return cause instanceof RedisConnectionException
                || cause instanceof RedisReconnectedException
                || cause instanceof RedisTimeoutException
                || cause.getCause() instanceof IOException
                || cause instanceof RedisNodeNotFoundException
                || cause instanceof RedissonShutdownException
                || cause instanceof RejectedExecutionException // By Netty's threads, when they have ended.
                || cause instanceof RedisClusterDownException
                || cause instanceof RedisMasterDownException
                || cause instanceof RedisLoadingException
                || cause instanceof RedisReadonlyException;
    }
}
