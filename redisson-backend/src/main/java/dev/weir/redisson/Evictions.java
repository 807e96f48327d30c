package dev.weir.redisson;

import dev.weir.store.StoreException.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNode;
import org.redisson.api.redisnode.RedisNode.InfoSection;
import org.redisson.api.redisnode.RedisNodeAsync;
import org.redisson.api.redisnode.RedisNodes;
import org.redisson.config.Config;

/**
 * What Redis does when its memory is full, its {@code maxmemory-policy}, and whether it does so now. Every key of usage
 * expires, so all policies but {@code noeviction} may evict it; then a client at its limit has its whole limit once
 * more.
 *
 * <p>Every master is asked, by {@code INFO}, which managed servers allow where they forbid {@code CONFIG}: at most once
 * in 10 s. Thread-safe.
 */
final class Evictions {

    /** The store's: a level that is set for it holds here too. */
    private static final Logger LOG = System.getLogger(RedissonStore.class.getName());

    /** Evicts nothing, or first what is nearest to its end. */
    private static final Set<String> FIT = Set.of("noeviction", "volatile-ttl");

    private static final long BETWEEN_LOOKS_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Between two warnings; and after so long without an eviction it is over. */
    private static final long A_MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final CompletableFuture<@Nullable Void> DONE = CompletableFuture.completedFuture(null);

    private final String target;
    private final LongSupplier nanoTime;

    private boolean hasLooked;
    private long lookedAtNanos;
    private boolean isUnknownSaid;
    private final Set<String> policiesSaid = new HashSet<>();

    /** What each master has said last: one that does not answer for once is not warned of again. */
    private final Map<InetSocketAddress, String> policies = new HashMap<>();

    private final Map<InetSocketAddress, Long> evictedBefore = new HashMap<>();
    private long evictedAtNanos;

    /** How many keys were evicted since it began, and since the last line. */
    private long evicted;

    private long notSaid;
    private long saidAtNanos;

    /** How many keys were seen to be evicted, ever. */
    private final AtomicLong total = new AtomicLong();

    /** What it costs that keys are evicted now; null if none are. */
    private volatile @Nullable String cost;

    /** What a master answers. */
    private record Master(InetSocketAddress address, String policy, long evicted) {}

    /**
     * @param target where Redis is, for messages
     * @param nanoTime as {@link System#nanoTime}
     */
    Evictions(String target, LongSupplier nanoTime) {
        this.target = target;
        this.nanoTime = nanoTime;
    }

    /** Why usage may be lost although Redis answers; empty if no key was evicted for a minute. */
    Optional<String> degraded() {
        return Optional.ofNullable(cost);
    }

    /** How many keys were evicted since the first look at each master. */
    long total() {
        return total.get();
    }

    /** The first look: what it finds is said before the store is there. */
    void begin(RedissonClient redisson) throws InterruptedException {
        try {
            look(redisson).get(ScriptRunner.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "whether keys are evicted will be known later", e);
        }
    }

    /** Asks, if it is time. Does not block; the answer is complete, whatever came of it, when all masters are done. */
    CompletableFuture<@Nullable Void> look(RedissonClient redisson) {
        if (!isTime()) {
            return DONE;
        }
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        try {
            NettyThreads.run(redisson, () -> ask(redisson, done));
        } catch (RejectedExecutionException e) { // Netty's threads have ended.
            missed(e);
            done.complete(null);
        }
        return done;
    }

    private synchronized boolean isTime() {
        long nowNanos = nanoTime.getAsLong();
        if (hasLooked && nowNanos - lookedAtNanos < BETWEEN_LOOKS_NANOS) {
            return false;
        }
        hasLooked = true;
        lookedAtNanos = nowNanos;
        return true;
    }

    private void ask(RedissonClient redisson, CompletableFuture<@Nullable Void> done) {
        try {
            List<RedisNode> masters =
                    masters(redisson).map(RedisNode.class::cast).toList();
            List<CompletableFuture<@Nullable Master>> answers =
                    masters.stream().map(this::ask).toList();
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenRun(() -> seen(
                            masters.stream().map(RedisNode::getAddr).toList(),
                            answers.stream()
                                    .map(CompletableFuture::join)
                                    .filter(Objects::nonNull)
                                    .toList()))
                    .whenComplete((nothing, failure) -> done.complete(null));
        } catch (Throwable e) { // An Error as well, or the start would wait in vain.
            missed(e);
            done.complete(null);
        }
    }

    private static Stream<? extends RedisNode> masters(RedissonClient redisson) {
        Config config = redisson.getConfig();
        if (config.isClusterConfig()) {
            return redisson.getRedisNodes(RedisNodes.CLUSTER).getMasters().stream();
        }
        if (config.isSentinelConfig()) {
            return Stream.ofNullable(
                    redisson.getRedisNodes(RedisNodes.SENTINEL_MASTER_SLAVE).getMaster());
        }
        return config.isSingleConfig()
                ? Stream.ofNullable(redisson.getRedisNodes(RedisNodes.SINGLE).getInstance())
                : Stream.ofNullable(
                        redisson.getRedisNodes(RedisNodes.MASTER_SLAVE).getMaster());
    }

    /** Null if it does not say. */
    private CompletableFuture<@Nullable Master> ask(RedisNode node) {
        return ((RedisNodeAsync) node)
                .infoAsync(InfoSection.DEFAULT)
                .toCompletableFuture()
                .thenApply(info -> new Master(
                        node.getAddr(),
                        Objects.requireNonNull(info.get("maxmemory_policy"), "no maxmemory_policy in its answer"),
                        Long.parseLong(info.getOrDefault("evicted_keys", "0"))))
                .exceptionally(this::missed);
    }

    /** A master that cannot answer will be asked again; one that may not, too, but that is said. */
    private synchronized @Nullable Master missed(Throwable failure) {
        boolean isRefused = RedisFailure.of(failure).kind() == Kind.ERROR;
        LOG.log(
                isRefused && !isUnknownSaid ? Level.INFO : Level.DEBUG,
                "whether {0} evicts keys cannot be known ({1}): its user needs the command INFO",
                target,
                RedisFailure.reason(failure));
        isUnknownSaid |= isRefused;
        return null;
    }

    /**
     * @param asked all masters that there are
     * @param masters what those of them say that have answered
     */
    private synchronized void seen(List<InetSocketAddress> asked, List<Master> masters) {
        policies.keySet().retainAll(asked);
        masters.forEach(master -> policies.put(master.address(), master.policy()));
        warnOfPolicies(Set.copyOf(policies.values()));
        String policy = null;
        for (Master master : masters) {
            Long before = evictedBefore.put(master.address(), master.evicted());
            if (before != null && before != master.evicted()) {
                // A server that was started again counts from 0.
                evicted(master.evicted() - (before < master.evicted() ? before : 0));
                policy = master.policy();
            }
        }
        if (policy != null) {
            evicting(policy);
        } else if (cost != null && nanoTime.getAsLong() - evictedAtNanos >= A_MINUTE_NANOS) {
            ended();
        }
    }

    /** Of each unfit policy once, as long as it is in force. */
    private void warnOfPolicies(Collection<String> inForce) {
        policiesSaid.retainAll(inForce);
        for (String policy : inForce) {
            if (!FIT.contains(policy) && policiesSaid.add(policy)) {
                LOG.log(
                        Level.WARNING,
                        "{0} has maxmemory-policy {1}: when its memory is full it evicts what clients have used, and {2}; set noeviction or volatile-ttl",
                        target,
                        policy,
                        cost(policy));
            }
        }
    }

    private static String cost(String policy) {
        String usage = "clients at their limit start anew";
        return policy.startsWith("allkeys-") ? usage + "; and what was set at run time is lost, for good" : usage;
    }

    private void evicted(long keys) {
        evicted += keys;
        total.addAndGet(keys);
        notSaid += keys;
    }

    private void evicting(String policy) {
        long nowNanos = nanoTime.getAsLong();
        evictedAtNanos = nowNanos;
        boolean isNew = cost == null;
        cost = "keys are evicted (maxmemory-policy %s): %s".formatted(policy, cost(policy));
        if (isNew || nowNanos - saidAtNanos >= A_MINUTE_NANOS) {
            saidAtNanos = nowNanos;
            LOG.log(
                    Level.WARNING,
                    "{0} has evicted {1} keys, its memory is full, and its maxmemory-policy is {2}: {3}; give it more memory, and set noeviction",
                    target,
                    notSaid,
                    policy,
                    cost(policy));
            notSaid = 0;
        }
    }

    private void ended() {
        LOG.log(Level.INFO, "{0} has evicted no keys for a minute; before, it evicted {1}", target, evicted);
        cost = null;
        evicted = 0;
        notSaid = 0;
    }
}
