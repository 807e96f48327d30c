package dev.weir.benchmarks;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import picocli.CommandLine.Option;

/** Threads that ask for one of many clients, wait for the answer and ask again; and the options that say how many. */
final class Askers {

    private static final int MOST_ANSWERS = 1 << 20;
    private static final Limit LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(1));

    @Option(names = "--threads", paramLabel = "N", description = "How many ask. Default: ${DEFAULT-VALUE}")
    private int threads = 64;

    @Option(names = "--clients", paramLabel = "N", description = "For how many clients. Default: ${DEFAULT-VALUE}")
    private int clients = 10_000;

    @Option(names = "--round-millis", paramLabel = "MS", description = "How long a round is. Default: ${DEFAULT-VALUE}")
    private long roundMillis = 3_000;

    /**
     * What came of a round.
     *
     * @param perCall decisions in a script call, as Redis counts them
     * @param redisMicros processor time of Redis for a decision
     */
    record Round(double perSecond, double p50Micros, double p99Micros, double perCall, double redisMicros) {

        static Spread spread(List<Round> rounds, ToDoubleFunction<Round> value) {
            return Spread.of(rounds.stream().mapToDouble(value).boxed().toList());
        }
    }

    /** What is measured in so many rounds, in a line. */
    String describe(int rounds) {
        return "%d threads, %d clients, %s; %d rounds of %d ms each, alternating; median (least – most)"
                .formatted(threads, clients, LIMIT, rounds, roundMillis);
    }

    /**
     * Asks for the length of a round; the servers are those that decide.
     *
     * @throws ExecutionException if a call fails
     */
    Round ask(List<Redis> servers, Function<StoreRequest, CompletableFuture<StoreReply>> way)
            throws InterruptedException, ExecutionException {
        List<Redis.Work> before = servers.stream().map(Redis::work).toList();
        long startNanos = System.nanoTime();
        long endNanos = startNanos + TimeUnit.MILLISECONDS.toNanos(roundMillis);
        ExecutorService asking = Executors.newFixedThreadPool(threads);
        long[] all;
        try {
            List<Future<long[]>> answered =
                    asking.invokeAll(Collections.nCopies(threads, () -> askUntil(endNanos, way)));
            all = sorted(answered);
        } finally {
            asking.shutdownNow();
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        List<Redis.Work> work = IntStream.range(0, servers.size())
                .mapToObj(i -> servers.get(i).work().since(before.get(i)))
                .toList();
        return new Round(
                all.length / seconds,
                all[all.length / 2] / 1e3,
                all[(int) (all.length * 0.99)] / 1e3,
                all.length
                        / (double) work.stream().mapToLong(Redis.Work::scripts).sum(),
                1e6 * work.stream().mapToDouble(Redis.Work::cpuSeconds).sum() / all.length);
    }

    private static long[] sorted(List<Future<long[]>> answered) throws InterruptedException, ExecutionException {
        LongStream latencies = LongStream.empty();
        for (Future<long[]> each : answered) {
            latencies = LongStream.concat(latencies, Arrays.stream(each.get()));
        }
        return latencies.sorted().toArray();
    }

    private long[] askUntil(long endNanos, Function<StoreRequest, CompletableFuture<StoreReply>> way) {
        long[] latencies = new long[MOST_ANSWERS];
        int count = 0;
        for (long start = System.nanoTime(); start < endNanos && count < latencies.length; ) {
            String client = "client-" + ThreadLocalRandom.current().nextInt(clients);
            way.apply(StoreRequest.of(client, List.of(new Charge("search", LIMIT, 1))))
                    .join();
            long end = System.nanoTime();
            latencies[count++] = end - start;
            start = end;
        }
        return Arrays.copyOf(latencies, count);
    }
}
