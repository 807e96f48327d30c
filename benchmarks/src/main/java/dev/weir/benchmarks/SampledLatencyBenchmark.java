package dev.weir.benchmarks;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@code weir_decision_seconds} costs a request: the choice of one in 64, and for that one two looks at the clock
 * and a histogram.
 *
 * <pre>java -jar benchmarks/target/benchmarks.jar jmh SampledLatencyBenchmark -prof gc</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SampledLatencyBenchmark {

    private static final int UNMEASURED = 63;
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ConcurrentHistogram nanos = new ConcurrentHistogram(MOST_NANOS, 2);

    /** As {@code Gate} does it. */
    @Benchmark
    public boolean oneIn64() {
        if ((ThreadLocalRandom.current().nextInt() & UNMEASURED) != 0) {
            return false;
        }
        measure();
        return true;
    }

    /** As it would be for each request. */
    @Benchmark
    public boolean each() {
        measure();
        return true;
    }

    private void measure() {
        long startNanos = System.nanoTime();
        nanos.recordValue(Math.min(MOST_NANOS, System.nanoTime() - startNanos));
    }
}
