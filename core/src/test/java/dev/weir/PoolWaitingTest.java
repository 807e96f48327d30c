package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.lease.Leasing;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryStore;
import dev.weir.store.LeasableStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests that wait for a pool: whose turn it is among clients is for the pool to say, whichever instance they wait
 * on.
 */
class PoolWaitingTest {

    private static final int PER_SECOND = 2_000;
    private static final Pool POOL = new Pool("backend", new Rate(PER_SECOND, Duration.ofSeconds(1), 200));
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int INSTANCES = 2;
    private static final int IN_LINE = 30;

    private final LeasableStore store = new LeasableStore(INSTANCES, new MemoryStore());
    private final List<Weir> weirs = new ArrayList<>();
    private final ExecutorService clients = Executors.newSingleThreadExecutor();
    private volatile boolean isOver;

    @AfterEach
    void close() {
        isOver = true;
        clients.shutdownNow();
        weirs.forEach(Weir::close);
    }

    /** A client with so many requests under way on an instance: for each that passes it makes another. */
    private void keepsWaiting(RateLimiter limiter, String client, AtomicInteger passed) {
        limiter.acquireAsync(client, LONG).whenComplete((decision, failure) -> {
            if (decision != null && decision.permitted() && !isOver) {
                passed.incrementAndGet();
                // Not here, on the thread that completes it.
                clients.execute(() -> keepsWaiting(limiter, client, passed));
            }
        });
    }

    private void open(Leasing leasing, Policy policy) {
        IntStream.range(0, INSTANCES)
                .mapToObj(i -> Weir.builder()
                        .store(store)
                        .leasing(leasing)
                        .policy(policy)
                        .storeDeadline(
                                Duration.ofSeconds(10)) // What is measured is whose turn it is, and not the machine.
                        .build())
                .forEach(weirs::add);
    }

    private static Policy weighted(long... weights) {
        Policy policy = Policy.sharing("export", POOL);
        Map<String, Terms> clients = new HashMap<>();
        for (long weight : weights) {
            clients.put("client-" + weight, new Terms(null, weight, null));
        }
        return Policy.of(policy.name(), policy.limit())
                .onStoreFailure(policy.behaviour().onStoreFailure())
                .with(new ClientTerms(Terms.NONE, Map.of(), Map.of(), clients, Map.of(), 0))
                .in(POOL);
    }

    @ParameterizedTest
    @EnumSource(
            value = Leasing.class,
            names = {"OFF", "FAST"})
    void clientsThatWait_passByTheirWeights(Leasing leasing) throws InterruptedException {
        long[] weights = {1, 2, 5};
        open(leasing, weighted(weights));
        List<AtomicInteger> passed = new ArrayList<>();
        for (long weight : weights) {
            AtomicInteger ofClient = new AtomicInteger();
            passed.add(ofClient);
            for (Weir weir : weirs) {
                IntStream.range(0, IN_LINE)
                        .forEach(i -> keepsWaiting(weir.limiter("export"), "client-" + weight, ofClient));
            }
        }
        TimeUnit.SECONDS.sleep(1); // Until the burst is gone.
        List<Integer> before = passed.stream().map(AtomicInteger::get).toList();
        TimeUnit.SECONDS.sleep(3); // What passes in it is counted: waiting is in real time.
        List<Integer> after = passed.stream().map(AtomicInteger::get).toList();

        int all = IntStream.range(0, 3).map(i -> after.get(i) - before.get(i)).sum();
        for (int i = 0; i < weights.length; i++) {
            assertThat((after.get(i) - before.get(i)) / (double) all)
                    .as("%s of %d", leasing, all)
                    .isCloseTo(weights[i] / 8.0, within(0.03 * weights[i] / 8.0));
        }
        assertThat(all).isGreaterThan(PER_SECOND * 3 * 9 / 10);
    }
}
