package dev.weir.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * One decision of one contender; {@link InProcess} runs it for all of them. Each contender has a process of its own, so
 * that the compiler knows no other.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class InProcessBenchmark {

    /** Where the process finds Redis, if its contender needs one. */
    static final String REDIS = "weir.benchmarks.redis";

    /** One of {@link LocalContenders#all}. */
    @Param("Weir, memory store")
    public String limiter;

    /** One client, or many in turn. */
    @Param({"hot", "many"})
    public String clients;

    private Contender contender;
    private Clients asking;

    /** A thread's way through the clients. */
    @State(Scope.Thread)
    public static class Thread {

        private Clients.Walk walk;

        /** Each thread starts elsewhere. */
        @Setup(Level.Trial)
        public void start(InProcessBenchmark benchmark, ThreadParams threads) {
            walk = benchmark.asking.walk(threads.getThreadIndex(), threads.getThreadCount());
        }
    }

    /** Every client has asked once before the clock runs. */
    @Setup(Level.Trial)
    public void open() {
        contender =
                LocalContenders.all(System.getProperty(REDIS, "")).get(limiter).get();
        asking = clients.equals("hot") ? Clients.hot() : Clients.uniform();
        for (int rank = 1; rank <= (clients.equals("hot") ? 1 : Clients.MANY); rank++) {
            contender.tryAcquire("client-" + rank);
        }
    }

    /** A limit that had been used up would have made the measurement one of refusals. */
    @TearDown(Level.Trial)
    public void close() {
        boolean permits = contender.tryAcquire(Clients.HOT);
        contender.close();
        if (!permits) {
            throw new IllegalStateException(limiter + " has used up a limit that should never bind");
        }
    }

    @Benchmark
    public boolean decide(Thread thread) {
        return contender.tryAcquire(thread.walk.next());
    }
}
