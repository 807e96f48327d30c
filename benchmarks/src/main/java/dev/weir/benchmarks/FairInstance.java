package dev.weir.benchmarks;

import dev.weir.ClientTerms;
import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.benchmarks.FairAsker.Asked;
import dev.weir.lease.Leasing;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import dev.weir.limit.Terms;
import dev.weir.redisson.RedissonStoreProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * One of the instances that {@link Fair} starts, in a process of its own: says that it is ready, reads when to start,
 * and tells every request when all are over.
 */
@Command(name = FairInstance.NAME, hidden = true, description = "An instance that the command 'fair' starts.")
final class FairInstance implements Callable<Integer> {

    static final String NAME = "fair-instance";
    static final String READY = "ready";
    static final String DONE = "done";
    private static final int WARM_UP = 500;
    private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(2);
    private static final String POLICY = "search";

    @Option(names = "--redis", required = true)
    private String redis;

    @Option(names = "--leasing", required = true)
    private Leasing leasing;

    @Option(names = "--per-second", required = true)
    private long perSecond;

    @Parameters
    private List<String> askers = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<FairAsker> all = askers.stream().map(FairAsker::of).toList();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ConcurrentLinkedQueue<Asked> asked = new ConcurrentLinkedQueue<>();
        try (Weir weir = Weir.builder()
                .store(new RedissonStoreProvider().open(Map.of("weir.redisson.uri", redis)))
                .storeDeadline(Duration.ofSeconds(10)) // No answer may come from anywhere but the store.
                .leasing(leasing)
                .policy(policy(Fair.pool(perSecond), all))
                .build()) {
            RateLimiter limiter = weir.limiter(POLICY);
            warmUp(weir, limiter);
            System.out.println(READY);
            run(all, limiter, Long.parseLong(input.readLine()), asked);
        }
        asked.forEach(one -> System.out.println(one.line()));
        System.out.println(DONE);
        return CommandLine.ExitCode.OK;
    }

    /** An instance that has not found its store yet would refuse everything, and one that is just started is slow. */
    private static void warmUp(Weir weir, RateLimiter limiter) throws InterruptedException {
        long endNanos = System.nanoTime() + LONGEST_WARM_UP.toNanos();
        int decided = 0;
        while (decided < WARM_UP) {
            if (System.nanoTime() - endNanos > 0) {
                throw new IllegalStateException("the store decided %d of %d requests in %d s"
                        .formatted(decided, WARM_UP, LONGEST_WARM_UP.toSeconds()));
            }
            decided += weir.storeUp() && limiter.tryAcquire("warm-up").reason() != Reason.STORE_UNAVAILABLE ? 1 : 0;
            // The store is probed now and then only, and other instances warm up meanwhile.
            Thread.sleep(1);
        }
    }

    private static Policy policy(Pool pool, List<FairAsker> askers) {
        Map<String, Terms> weights = askers.stream()
                .collect(Collectors.toMap(FairAsker::id, asker -> new Terms(null, asker.weight(), null)));
        return Policy.of(POLICY, pool.limit())
                .onStoreFailure(OnStoreFailure.REJECT)
                .with(new ClientTerms(Terms.NONE, Map.of(), Map.of(), weights, Map.of(), 0))
                .in(pool);
    }

    private static void run(
            List<FairAsker> askers, RateLimiter limiter, long startNanos, ConcurrentLinkedQueue<Asked> asked)
            throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        askers.forEach(asker -> threads.addAll(asker.threads(limiter, startNanos, asked)));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
