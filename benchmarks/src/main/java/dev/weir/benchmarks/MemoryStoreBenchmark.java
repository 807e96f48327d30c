package dev.weir.benchmarks;

import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A decision on the memory store, beside the floor that any limiter by client pays: a look-up and an atomic addition.
 *
 * <pre>java -jar benchmarks/target/benchmarks.jar jmh MemoryStoreBenchmark -prof gc</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MemoryStoreBenchmark {

    private static final int CLIENTS = 1 << 17;

    private final ConcurrentHashMap<String, AtomicLong> floor = new ConcurrentHashMap<>();
    private final String[] clients = new String[CLIENTS];
    private Weir weir;
    private RateLimiter limiter;

    /** Each thread's way through the clients. */
    @State(Scope.Thread)
    public static class Walk {

        private int next;

        int step() {
            return next++ & CLIENTS - 1;
        }
    }

    /** A limit that no run uses up. */
    @Setup(Level.Trial)
    public void open() {
        Limit limit = Limit.tokenBucket(1_000_000_000, Duration.ofSeconds(1));
        weir = Weir.builder().policy(Policy.of("hot", limit)).build();
        limiter = weir.limiter("hot");
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = "client-" + i;
            floor.put(clients[i], new AtomicLong());
        }
    }

    /** Ends the store's thread. */
    @TearDown(Level.Trial)
    public void close() {
        weir.close();
    }

    /** One client, asked again and again. */
    @Benchmark
    public boolean hotClient() {
        return limiter.allow("client-0");
    }

    /** Many clients in turn. */
    @Benchmark
    public boolean manyClients(Walk walk) {
        return limiter.allow(clients[walk.step()]);
    }

    /** The floor of {@link #hotClient}. */
    @Benchmark
    public long hotClientFloor() {
        return floor.get("client-0").incrementAndGet();
    }

    /** The floor of {@link #manyClients}. */
    @Benchmark
    public long manyClientsFloor(Walk walk) {
        return floor.get(clients[walk.step()]).incrementAndGet();
    }
}
