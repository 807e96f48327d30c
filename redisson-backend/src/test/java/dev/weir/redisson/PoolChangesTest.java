package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.lease.Admissions;
import dev.weir.lease.Leasing;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pool under load whose weights and capacity are changed all the time, by two instances that share a real Redis. */
class PoolChangesTest {

    private static final int PER_SECOND = 500;
    private static final int CHANGES = 3 * PER_SECOND;
    private static final long LEAST = 1_500;
    private static final long LAST = 2_000;
    private static final long MOST = 2_500;

    /**
     * Redis counts by the clock on the wall, which is corrected while the one that is read here runs on: 20 ms of the
     * rate.
     */
    private static final long TWO_CLOCKS = MOST / 50;

    /** Until an instance asks again what is set for a client, and then until a share holds. */
    private static final Duration SETTLED = Duration.ofMillis(500 + 1_000);

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private final List<Weir> instances = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Admissions admissions = new Admissions();
    private final AtomicLong leased = new AtomicLong();
    private final AtomicInteger ofFirst = new AtomicInteger();
    private final AtomicInteger ofSecond = new AtomicInteger();

    private void open() {
        instances.add(Weir.builder()
                .store(Opened.store(Map.of("weir.redisson.uri", redis.uri())))
                .storeDeadline(Duration.ofSeconds(10)) // No answer may come from anywhere but the store.
                .leasing(Leasing.EXACT)
                .listener(new LimiterListener() {
                    @Override
                    public void onLeaseUse(String policy, LeaseUse use) {
                        leased.addAndGet(use.leased());
                    }
                })
                .policy(policy(LAST, LAST / 10))
                .build());
    }

    private static Policy policy(long perSecond, long burst) {
        Pool pool = new Pool("changing", new Rate(perSecond, Duration.ofSeconds(1), burst));
        return Policy.of("search", pool.limit())
                .onStoreFailure(OnStoreFailure.REJECT)
                .in(pool);
    }

    @AfterEach
    void close() {
        over.set(true);
        threads.shutdownNow();
        instances.forEach(Weir::close);
    }

    @Test
    void weightsAndCapacity_changedHundredsOfTimesASecond_noPause_theTotalHolds_andTheLastCount() throws Exception {
        open();
        open();
        List<Future<?>> asking = new ArrayList<>();
        for (Weir instance : instances) {
            asking.add(threads.submit(() -> hammer(instance, "first", ofFirst)));
            asking.add(threads.submit(() -> hammer(instance, "second", ofSecond)));
        }

        int longestPause = changeAll();
        Thread.sleep(SETTLED.toMillis()); // As long as is promised.
        assertShares(1, 4);

        over.set(true);
        for (Future<?> thread : asking) {
            thread.get(30, TimeUnit.SECONDS);
        }
        assertThat(longestPause)
                .as("changes in a row while nobody was admitted")
                .isLessThan(PER_SECOND / 2);
        assertThat(admissions.above(policy(MOST, MOST / 10).pool().limit())).isLessThanOrEqualTo(TWO_CLOCKS);
        assertThat(leased).hasPositiveValue();
    }

    private void hammer(Weir instance, String client, AtomicInteger admitted) {
        while (!over.get()) {
            boolean passed = admissions.note(
                    1, () -> instance.limiter("search").tryAcquire(client).permitted());
            if (passed) {
                admitted.incrementAndGet();
            } else {
                pause(1_000_000); // So that others have some of the processors.
            }
        }
    }

    private static void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return the most changes between two moments at which a request had been admitted */
    private int changeAll() {
        Random random = new Random(1);
        long startNanos = System.nanoTime();
        int longest = 0;
        int atAdmission = 0;
        long admitted = 0;
        for (int i = 0; i < CHANGES; i++) {
            Weir instance = instances.get(i % 2);
            if (i % 4 < 2) {
                instance.limits().setWeight("search", random.nextBoolean() ? "first" : "second", random.nextInt(100));
            } else {
                instance.reconfigure(List.of(
                        policy(LEAST + random.nextLong(MOST - LEAST + 1), MOST / 20 + random.nextLong(MOST / 20))));
            }
            long now = ofFirst.get() + ofSecond.get();
            if (now > admitted) {
                admitted = now;
                atAdmission = i;
            }
            longest = Math.max(longest, i - atAdmission);
            // So many a second are asked for: no faster.
            pause(startNanos + (i + 1) * TimeUnit.SECONDS.toNanos(1) / PER_SECOND - System.nanoTime());
        }
        instances.get(0).limits().setWeight("search", "first", 1);
        instances.get(1).limits().setWeight("search", "second", 4);
        instances.forEach(instance -> instance.reconfigure(List.of(policy(LAST, LAST / 10))));
        return longest;
    }

    private void assertShares(long weightOfFirst, long weightOfSecond) throws InterruptedException {
        int firstBefore = ofFirst.get();
        int secondBefore = ofSecond.get();
        long startNanos = System.nanoTime();
        Thread.sleep(3_000); // Meanwhile they ask.
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        double first = (ofFirst.get() - firstBefore) / seconds;
        double second = (ofSecond.get() - secondBefore) / seconds;
        double perWeight = (double) LAST / (weightOfFirst + weightOfSecond);
        assertThat(first).as("beside %s", second).isCloseTo(perWeight * weightOfFirst, within(0.05 * first));
        assertThat(second).as("beside %s", first).isCloseTo(perWeight * weightOfSecond, within(0.05 * second));
    }
}
