package dev.weir.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/**
 * Threads that ask, wait for the answer and ask again, until the time is over.
 *
 * @param decisions how many answers there were
 * @param admitted how many of them were permissions
 * @param seconds from before the first question until after the last answer
 * @param nanos how long the answers took
 */
record Load(long decisions, long admitted, double seconds, Histogram nanos) {

    private static final int DIGITS = 3;

    /** One of the threads, and its question; the answer says whether it was permitted. */
    @FunctionalInterface
    interface Question {
        boolean ask() throws Exception;
    }

    /** @throws IllegalStateException if a question fails */
    static Load run(int threads, Duration time, IntFunction<Question> questionOf) throws InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Load>> parts = new ArrayList<>();
            long start = System.nanoTime();
            long end = start + time.toNanos();
            for (int i = 0; i < threads; i++) {
                Question question = questionOf.apply(i);
                parts.add(executor.submit(() -> askUntil(end, question)));
            }
            Histogram nanos = new Histogram(DIGITS);
            long admitted = 0;
            for (Future<Load> part : parts) {
                nanos.add(part.get().nanos);
                admitted += part.get().admitted;
            }
            return new Load(nanos.getTotalCount(), admitted, (System.nanoTime() - start) / 1e9, nanos);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a question failed: " + e.getCause(), e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }

    /** @throws IllegalStateException if all was admitted: such a run shows nothing of a limit */
    void requireRefusals() {
        if (admitted == decisions) {
            throw new IllegalStateException("so slow that the limit did not bind");
        }
    }

    private static Load askUntil(long end, Question question) throws Exception {
        Histogram nanos = new Histogram(DIGITS);
        long admitted = 0;
        for (long asked = System.nanoTime(); asked < end; ) {
            admitted += question.ask() ? 1 : 0;
            long answered = System.nanoTime();
            nanos.recordValue(answered - asked);
            asked = answered;
        }
        return new Load(nanos.getTotalCount(), admitted, 0, nanos);
    }

    double perSecond() {
        return decisions / seconds;
    }

    double micros(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }
}
