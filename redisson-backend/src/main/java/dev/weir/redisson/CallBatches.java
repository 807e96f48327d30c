package dev.weir.redisson;

import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreReply;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Sends calls to Redis in batches: each call with those that go to the same node, shard or pool. Thread-safe. */
final class CallBatches implements AutoCloseable {

    private static final Logger LOG = System.getLogger(RedissonStore.class.getName());

    private final Connection connection;
    private final RedisKeys keys;
    private final AtomicBoolean saidUnreadable = new AtomicBoolean();

    /** Of this store, to end with it: the timer of the JDK's futures would outlive the application and hold it. */
    private final ScheduledExecutorService timer = Scheduler.system().worker("weir-redisson-timer", 1);

    /** Where calls wait to leave together: the first for all of one node, or one for each shard of a cluster. */
    private final List<Batcher<AcquireCall>> batchers;

    /** The same for each pool, which has a slot of its own. */
    private final Map<String, Batcher<PoolRequest>> poolBatchers = new ConcurrentHashMap<>();

    private final LongAdder sent = new LongAdder();
    private final LongAdder sentCalls = new LongAdder();

    CallBatches(Connection connection, RedisKeys keys) {
        this.connection = connection;
        this.keys = keys;
        this.batchers = IntStream.range(0, keys.shards())
                .mapToObj(shard -> batcher(AcquireScript.REDIS_TIME))
                .toList();
    }

    /**
     * Decides a call.
     *
     * @param asked makes the call; only if there is a connection
     * @param time {@link AcquireScript#REDIS_TIME}, or what time it is in microseconds
     */
    CompletableFuture<StoreReply> decide(Supplier<AcquireCall> asked, String time) {
        return connection.with(connected -> {
            AcquireCall call = asked.get();
            if (!time.equals(AcquireScript.REDIS_TIME)) {
                return batcher(time).ask(call);
            }
            return batchers.get(connection.isCluster() ? call.shard() : 0).ask(call);
        });
    }

    private Batcher<AcquireCall> batcher(String time) {
        return new Batcher<>(calls -> send(calls, time), timer);
    }

    /** Decides a request on a pool, as {@link #decide} does. */
    CompletableFuture<StoreReply> decideOnPool(PoolRequest request, String time) {
        if (!time.equals(AcquireScript.REDIS_TIME)) {
            return poolBatcher(time).ask(request);
        }
        return poolBatchers
                .computeIfAbsent(request.pool().name(), name -> poolBatcher(AcquireScript.REDIS_TIME))
                .ask(request);
    }

    private Batcher<PoolRequest> poolBatcher(String time) {
        return new Batcher<>(
                requests -> connection.with(connected -> {
                    count(requests);
                    return PoolScript.run(connected, keys, requests, time);
                }),
                timer);
    }

    private CompletableFuture<List<Reply>> send(List<AcquireCall> calls, String time) {
        return connection
                .with(connected -> {
                    count(calls);
                    return AcquireScript.run(connected, calls, time);
                })
                .thenApply(replies -> {
                    for (int i = 0; i < replies.size(); i++) {
                        int unreadable = replies.get(i).unreadable();
                        if (unreadable > 0) {
                            warnOfUnreadable(calls.get(i).keys().get(unreadable));
                        }
                    }
                    return replies;
                });
    }

    private void count(List<?> calls) {
        sent.increment();
        sentCalls.add(calls.size());
    }

    /** How many batches were sent. */
    long sent() {
        return sent.sum();
    }

    /** How many calls were in them. */
    long sentCalls() {
        return sentCalls.sum();
    }

    private void warnOfUnreadable(String key) {
        if (saidUnreadable.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "the value under {0} in {1} was not written by this store: it counts as no usage and is overwritten; later ones are not logged",
                    key.replaceAll("\\p{Cntrl}", "?"),
                    connection.target());
        }
    }

    /** A batch that is not answered holds its place for good from now on. */
    @Override
    public void close() {
        timer.shutdownNow();
        Scheduler.awaitEnd(timer);
    }
}
