package dev.weir.redisson;

import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;

/**
 * A store's connection to Redis: made in the background and again until Redis has agreed on the shards, kept
 * alive by heartbeats, and refusing calls at once as long as they could not be decided. Thread-safe.
 */
final class Connection {

    /** The store's: a level that is set for it holds here too. */
    private static final Logger LOG = System.getLogger(RedissonStore.class.getName());

    /**
     * The first attempt is waited for until it ends. In a new virtual machine on a busy processor it takes seconds
     * although Redis is healthy; where Redis is away, it ends by its own timeouts, after a second by default.
     */
    private static final Duration FIRST_ATTEMPT = Duration.ofSeconds(30);

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);
    private static final Duration LEAVING = Duration.ofMillis(250);
    private static final Duration SHUTDOWN = Duration.ofSeconds(2);

    private final boolean owned;
    private final RedisKeys keys;
    private final String target;
    private final Evictions evictions;
    private final CompletableFuture<@Nullable Void> firstAttempt = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean isCluster;
    private volatile @Nullable ScriptRunner scripts;
    private @Nullable Thread connecting;
    private volatile String instanceId = LiveInstances.NONE;

    /** Why calls fail at once; null once Redis has agreed on the shards. */
    private volatile @Nullable StoreException refusal;

    private Connection(boolean owned, RedisKeys keys, String target) {
        this.owned = owned;
        this.keys = keys;
        this.target = target;
        this.evictions = new Evictions(target, System::nanoTime);
        this.refusal = notConnected(null);
    }

    /**
     * Connects on a thread of its own until Redis has agreed, and waits for the end of the first attempt, 30 s at most.
     *
     * @throws IllegalArgumentException if trying again cannot help
     */
    static Connection open(Supplier<RedissonClient> connecting, boolean owned, RedisKeys keys, String target) {
        Connection connection = new Connection(owned, keys, target);
        connection.connecting = NettyThreads.started("weir-redisson-connect", () -> connection.connect(connecting));
        Throwable hopeless = connection.awaitFirstAttempt();
        if (hopeless != null) {
            connection.close(() -> {});
            throw new IllegalArgumentException(hopeless.getMessage(), hopeless);
        }
        return connection;
    }

    /** Why trying again cannot help; null if it can, or there is no need, or the first attempt takes too long. */
    private @Nullable Throwable awaitFirstAttempt() {
        try {
            firstAttempt.get(FIRST_ATTEMPT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            firstAttempt.complete(null);
        }
        return null;
    }

    /** Where Redis is, for messages. */
    String target() {
        return target;
    }

    Evictions evictions() {
        return evictions;
    }

    /** Whether keys of several shards may be on several nodes; false until it is known. */
    boolean isCluster() {
        return isCluster;
    }

    /** Fails at once while there is no connection, or Redis is used with other shards. */
    <T> CompletableFuture<T> with(Function<ScriptRunner, CompletableFuture<T>> work) {
        StoreException why = refusal;
        ScriptRunner connected = scripts;
        return why == null && connected != null
                ? work.apply(connected)
                : CompletableFuture.failedFuture(why == null ? notConnected(null) : why);
    }

    /** Tells Redis that this instance lives, and asks how many do; agrees again on the shards. */
    CompletableFuture<Integer> heartbeat(String instanceId) {
        ScriptRunner connected = scripts;
        StoreException why = refusal;
        // Until Redis has agreed once, only the thread that connects may ask: a lazy client connects at the first call,
        // and blocks its thread meanwhile.
        if (connected == null || isClosed() || why != null && why.kind() == Kind.UNREACHABLE) {
            return CompletableFuture.failedFuture(why == null ? notConnected(null) : why);
        }
        this.instanceId = instanceId;
        return beat(connected, instanceId);
    }

    private CompletableFuture<Integer> beat(ScriptRunner connected, String instanceId) {
        return new LiveInstances(keys).beat(connected, instanceId, this::agree);
    }

    /** Decides only while Redis is used with the same shards: else a client would have two limits. */
    private synchronized void agree(String shardsInForce) {
        if (isClosed()) {
            return;
        }
        if (shardsInForce.equals(keys.sharding().inForce())) {
            refusal = null;
            return;
        }
        StoreException before = refusal;
        StoreException mismatch = mismatch(shardsInForce);
        refusal = mismatch;
        boolean isReportedByOpen = firstAttempt.completeExceptionally(mismatch);
        boolean isKnown = before != null && before.kind() == Kind.ERROR;
        if (!isReportedByOpen && !isKnown) {
            LOG.log(Level.ERROR, "{0}; until then nothing is decided by Redis", mismatch.getMessage());
        }
        throw mismatch;
    }

    private StoreException mismatch(String shardsInForce) {
        String message = "%s is %s here, but %s is already used with %s: every instance must be set to the same"
                .formatted(RedissonSettings.SHARDS, inWords(keys.sharding().inForce()), target, inWords(shardsInForce));
        return new StoreException(Kind.ERROR, message, new IllegalStateException(message));
    }

    private static String inWords(String shardsInForce) {
        return shardsInForce.replaceFirst(
                " (.*)", " (with the " + RedissonSettings.SHARD_SECRET + " of fingerprint $1)");
    }

    private StoreException notConnected(@Nullable Throwable cause) {
        String why = cause == null ? "" : " (" + RedisFailure.reason(cause) + ")";
        String message = isClosed() ? "the store is closed" : "not connected to %s yet%s".formatted(target, why);
        return StoreException.uncharged(
                Kind.UNREACHABLE, message, cause == null ? new IllegalStateException(message) : cause);
    }

    /** Until Redis has agreed once: from then on Redisson connects again by itself, and heartbeats ask again. */
    private void connect(Supplier<RedissonClient> connecting) {
        boolean isSaid = false;
        try {
            do {
                try {
                    ScriptRunner connected = scripts == null ? adopt(connecting.get()) : scripts;
                    beat(connected, LiveInstances.NONE)
                            .get(3 * ScriptRunner.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                    if (isSaid) {
                        LOG.log(Level.INFO, "connected to {0}", target);
                    }
                    evictions.begin(connected.redisson());
                    firstAttempt.complete(null);
                    return;
                } catch (InterruptedException | LinkageError e) {
                    throw e; // To try again cannot help.
                } catch (Throwable e) { // Want of memory or stack may be over at the next attempt.
                    if (scripts == null && isRefused(e)) {
                        return;
                    }
                    isSaid |= isMissed(e, isSaid);
                }
            } while (!closed.await(BETWEEN_ATTEMPTS.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Only an application that ends interrupts this thread.
        } catch (LinkageError e) {
            String message = "Redisson cannot run, a library is missing or of another version: " + e;
            if (!firstAttempt.completeExceptionally(new IllegalStateException(message, e))) {
                LOG.log(Level.ERROR, message, e);
            }
        }
    }

    /** An address that is none is one for ever. Redisson's words quote it, and with it perhaps a password. */
    private boolean isRefused(Throwable failure) {
        return RedisFailure.innermost(failure) instanceof IllegalArgumentException
                && firstAttempt.completeExceptionally(new IllegalArgumentException(
                        "%s is refused by Redisson: an address in it must be redis://host:port, or rediss:// for TLS; or another value is out of its range"
                                .formatted(target)));
    }

    /** As {@link #missed}, which itself may find no memory to say so: the next attempt must be made all the same. */
    private boolean isMissed(Throwable failure, boolean isSaid) {
        try {
            return missed(failure, isSaid);
        } catch (Throwable e) {
            return false;
        }
    }

    /** An attempt has failed; logs once why. */
    private synchronized boolean missed(Throwable failure, boolean isSaid) {
        boolean isMismatch = refusal != null && refusal.kind() == Kind.ERROR;
        if (isClosed() || isMismatch) {
            return false;
        }
        refusal = notConnected(failure);
        if (!isSaid) {
            // No warning: the caller gets the same, and warns once for any store.
            LOG.log(
                    Level.INFO,
                    "{0} cannot be reached ({1}): connecting goes on",
                    target,
                    RedisFailure.reason(failure));
        }
        // A late answer to the very first attempt is that of a busy machine: the second finds all classes loaded.
        if (isSaid || !RedisFailure.isLate(failure)) {
            firstAttempt.complete(null);
        }
        return true;
    }

    /** The connection that {@link #close} has to end; or, if it has been called meanwhile, ends it here. */
    private synchronized ScriptRunner adopt(RedissonClient connected) {
        isCluster = connected.getConfig().isClusterConfig();
        ScriptRunner runner = new ScriptRunner(connected);
        scripts = runner;
        if (isClosed()) {
            shutDown(connected);
        } else if (owned) {
            LateClasses.load();
        }
        return runner;
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /**
     * Takes this instance out of those that live, and ends the connection if it is owned. Waits until that is done and
     * none of the threads is left, a few seconds at most.
     *
     * @param unsubscribe ends what the connection is used for beside calls
     */
    void close(Runnable unsubscribe) {
        ScriptRunner connected;
        synchronized (this) {
            if (isClosed()) {
                return;
            }
            closed.countDown();
            refusal = notConnected(null);
            connected = scripts;
        }
        if (connected != null) {
            NettyThreads.runToEnd("weir-redisson-close", () -> end(connected, unsubscribe));
        }
        if (connecting != null) {
            NettyThreads.join(connecting);
        }
    }

    private void end(ScriptRunner connected, Runnable unsubscribe) {
        try {
            unsubscribe.run();
            leave(connected);
        } finally {
            shutDown(connected.redisson());
        }
    }

    private void leave(ScriptRunner connected) {
        if (instanceId.equals(LiveInstances.NONE)) {
            return;
        }
        try {
            new LiveInstances(keys).leave(connected, instanceId).get(LEAVING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "leaving without a word: the others will miss this instance in 5 s", e);
        }
    }

    private void shutDown(RedissonClient connected) {
        if (owned) {
            connected.shutdown(0, SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS);
            LateClasses.await();
        }
    }
}
