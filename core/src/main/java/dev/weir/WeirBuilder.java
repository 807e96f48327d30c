package dev.weir;

import dev.weir.lease.Leasing;
import dev.weir.limit.Names;
import dev.weir.limit.Split;
import dev.weir.memory.MemoryStore;
import dev.weir.store.LimiterListener;
import dev.weir.store.Scheduler;
import dev.weir.store.Store;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Weir} is made of. Not thread-safe.
 *
 * <pre>{@code
 * Weir weir = Weir.builder()
 *         .store(store)
 *         .policy(Policy.of("search", Limit.tokenBucket(100, Duration.ofSeconds(1))))
 *         .storeDeadline(Duration.ofMillis(20))
 *         .build();
 * }</pre>
 */
public final class WeirBuilder {

    /** The least that {@link #localClients} may be. */
    public static final int FEWEST_LOCAL_CLIENTS = 1_000;

    /** The most that {@link #localClients} may be. */
    public static final int MOST_LOCAL_CLIENTS = 10_000_000;

    /** What {@link #localClients} is if not given. */
    public static final int DEFAULT_LOCAL_CLIENTS = 100_000;

    /** The most that {@link #minInstances} may be. */
    public static final int MOST_MIN_INSTANCES = 1_000;

    final Map<String, Policy> policies = new LinkedHashMap<>();

    @Nullable Store store;

    String instanceId = UUID.randomUUID().toString();
    Duration storeDeadline = Duration.ofMillis(50);
    int localClients = DEFAULT_LOCAL_CLIENTS;
    int minInstances = 1;
    Leasing leasing = Leasing.FAST;
    LimiterListener listener = LimiterListener.NONE;

    int mostInLine = DelayQueue.MOST_IN_LINE;
    int mostWaiting = DelayQueue.MOST;
    Scheduler scheduler = Scheduler.system();
    IntSupplier draws = () -> ThreadLocalRandom.current().nextInt(1 << Split.DRAW_BITS);

    WeirBuilder() {}

    /** The store to share; a {@link MemoryStore} if not given. It is closed with the limiter. */
    public WeirBuilder store(Store store) {
        this.store = store;
        return this;
    }

    /** Adds a policy; the last of a name wins. */
    public WeirBuilder policy(Policy policy) {
        policies.put(policy.name(), policy);
        return this;
    }

    /** Adds policies; the last of a name wins. */
    public WeirBuilder policies(Collection<Policy> policies) {
        policies.forEach(this::policy);
        return this;
    }

    /**
     * This instance's id; random if not given. Two instances with one id count as one.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public WeirBuilder instanceId(String instanceId) {
        if (instanceId.isBlank()) {
            throw new IllegalArgumentException("an instance's id must not be blank");
        }
        this.instanceId = instanceId;
        return this;
    }

    /**
     * The longest that a request waits for the store, with all that it asks; 50 ms if not given.
     *
     * @throws IllegalArgumentException if it is not from 1 ms to 1 minute
     */
    public WeirBuilder storeDeadline(Duration storeDeadline) {
        if (storeDeadline.compareTo(Duration.ofMillis(1)) < 0 || storeDeadline.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException(
                    "the store's deadline must be from 1 ms to 1 min, but is " + storeDeadline);
        }
        this.storeDeadline = storeDeadline;
        return this;
    }

    /**
     * Of how many clients, times policies, this instance remembers what a shared store has left them, to go on from
     * there while the store does not answer; {@link #DEFAULT_LOCAL_CLIENTS} if not given. Where there are more,
     * those that have used the fewest permits are forgotten, and start over without the store. Each takes about 150
     * bytes, with an id of 16 characters.
     *
     * @throws IllegalArgumentException if it is not from {@link #FEWEST_LOCAL_CLIENTS} to
     *     {@link #MOST_LOCAL_CLIENTS}
     */
    public WeirBuilder localClients(int localClients) {
        if (localClients < FEWEST_LOCAL_CLIENTS || localClients > MOST_LOCAL_CLIENTS) {
            throw new IllegalArgumentException("local clients must be a whole number from %d to %d, but is %d"
                    .formatted(FEWEST_LOCAL_CLIENTS, MOST_LOCAL_CLIENTS, localClients));
        }
        this.localClients = localClients;
        return this;
    }

    /**
     * By how many instances limits are divided at least while the store is away; 1 if not given. With it, an instance
     * that starts without the store, or whose store has forgotten the others, does not take itself for the only one.
     * Where fewer instances live, less than the limit is permitted.
     *
     * @throws IllegalArgumentException if it is not from 1 to {@link #MOST_MIN_INSTANCES}
     */
    public WeirBuilder minInstances(int minInstances) {
        this.minInstances = checkedInstances(minInstances);
        return this;
    }

    static int checkedInstances(int minInstances) {
        if (minInstances < 1 || minInstances > MOST_MIN_INSTANCES) {
            throw new IllegalArgumentException("the least number of instances must be from 1 to %d, but is %d"
                    .formatted(MOST_MIN_INSTANCES, minInstances));
        }
        return minInstances;
    }

    /** Whether permits of a shared store are taken in advance; {@link Leasing#FAST} if not given. */
    public WeirBuilder leasing(Leasing leasing) {
        this.leasing = leasing;
        return this;
    }

    /** Is notified of decisions and of the state of the store. There is no listener if none is given. */
    public WeirBuilder listener(LimiterListener listener) {
        this.listener = listener;
        return this;
    }

    /** How many requests may wait for their turn in one line, and how many on this instance. */
    WeirBuilder waiting(int mostInLine, int most) {
        this.mostInLine = mostInLine;
        this.mostWaiting = most;
        return this;
    }

    /** Where the sub-bucket of a request is drawn from: whole numbers of {@link Split#DRAW_BITS} random bits. */
    WeirBuilder draws(IntSupplier draws) {
        this.draws = draws;
        return this;
    }

    /** By what time all of this instance goes, and on whose threads it works. */
    WeirBuilder scheduler(Scheduler scheduler) {
        this.scheduler = scheduler;
        return this;
    }

    /**
     * The limiter. Waits up to 2 s for the store's first answer; without one it starts as it goes on without a
     * store.
     *
     * <p>With a shared store it then makes a dry run: calls of every kind, which are all refused, charge nothing
     * and leave nothing. So the first request of a new virtual machine is decided by the store as any other, and
     * not without it because its first call takes longer than the deadline. A store that comes later is tried so
     * before it is in force.
     *
     * @throws IllegalArgumentException if a policy is called {@value Names#BUCKET}, which decisions on named
     *     buckets report
     */
    public Weir build() {
        return new Weir(this);
    }
}
