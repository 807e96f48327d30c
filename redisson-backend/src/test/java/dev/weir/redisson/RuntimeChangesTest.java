package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Acquisition;
import dev.weir.LimitAdmin;
import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.lease.Leasing;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What is set at run time, by several instances that share a real Redis: none lost, in force from the next call of the
 * store on, durable.
 */
class RuntimeChangesTest {

    private static final int CHANGES = 300;
    private static final long FIRST_TOTAL = 1_000_000;
    private static final Limit LIMIT = Limit.fixedWindow(10, Limit.MAX_PERIOD);
    private static final Acquisition ALICE = Acquisition.of("alice").subBucket(0);

    private final List<Weir> instances = new ArrayList<>();
    private RedisServer redis;

    private Weir open() {
        Policy policy = Policy.of("search", LIMIT)
                .onStoreFailure(OnStoreFailure.REJECT)
                .plan("gold", Terms.rate(Rate.of(70, Limit.MAX_PERIOD)));
        Weir instance = Weir.builder()
                .store(Opened.store(Map.of("weir.redisson.uri", redis.uri())))
                .storeDeadline(Duration.ofSeconds(10)) // No answer may come from anywhere but the store.
                .leasing(Leasing.OFF)
                .policy(policy)
                .build();
        instances.add(instance);
        return instance;
    }

    @AfterEach
    void close() {
        instances.forEach(Weir::close);
        redis.close();
    }

    @Test
    void change_hundredsByTwoInstancesWhileRequestsRun_noneLostAndEachHoldsFromTheNextCallOn() throws Exception {
        redis = RedisServer.start();
        Weir one = open();
        Weir other = open();
        addToTotal(one.limits());
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong permitted = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> asking = List.of(
                    threads.submit(() -> askUntil(over, one, permitted)),
                    threads.submit(() -> askUntil(over, other, permitted)));
            List<Future<?>> changing = List.of(
                    threads.submit(() -> change(one, other, permitted)),
                    threads.submit(() -> change(other, one, permitted)));
            for (Future<?> changes : changing) {
                changes.get(60, TimeUnit.SECONDS);
            }
            over.set(true);
            for (Future<?> requests : asking) {
                requests.get(60, TimeUnit.SECONDS);
            }
        } finally {
            over.set(true);
            threads.shutdownNow();
        }

        Decision last = ask(one, permitted);
        assertThat(last.limit().permits()).isEqualTo(ofFirst(FIRST_TOTAL + 2 * CHANGES));
        assertThat(last.limit().capacity() - last.remaining()).as("use is kept").isEqualTo(permitted.get());
        System.out.println(permitted + " decisions beside " + 2 * CHANGES + " changes of their client");
    }

    /** The total only grows, so no request may meet a smaller one than before. */
    private static void askUntil(AtomicBoolean over, Weir instance, AtomicLong permitted) {
        long least = ofFirst(FIRST_TOTAL);
        while (!over.get()) {
            long met = ask(instance, permitted).limit().permits();
            assertThat(met).isGreaterThanOrEqualTo(least);
            least = met;
        }
    }

    private static void change(Weir instance, Weir other, AtomicLong permitted) {
        for (int i = 0; i < CHANGES; i++) {
            long total = addToTotal(instance.limits());
            assertThat(ask(other, permitted).limit().permits()).isGreaterThanOrEqualTo(ofFirst(total));
        }
    }

    private static Decision ask(Weir instance, AtomicLong permitted) {
        Decision decision = instance.limiter("search").tryAcquire(ALICE);
        assertThat(decision.reason()).isEqualTo(Reason.OK);
        permitted.incrementAndGet();
        return decision;
    }

    private static long addToTotal(LimitAdmin limits) {
        AtomicLong total = new AtomicLong();
        limits.setTerms("search", "alice", before -> {
            Rate rate = before.rate();
            total.set(rate == null ? FIRST_TOTAL : rate.permits() + 1);
            return new Terms(Rate.of(total.get(), Limit.MAX_PERIOD), null, Split.of(50, 50));
        });
        return total.get();
    }

    /** What the first of two halves has. */
    private static long ofFirst(long total) {
        return (total + 1) / 2;
    }

    @Test
    void limits_redisKilledAndRestartedWithItsFile_everythingIsThere() {
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
        Weir before = open();
        before.limits().setSplit("search", "alice", 200, 60, 40);
        before.limits().setPlan("bob", "gold");
        before.limits().createBucket("tenant-7", 10, 50);
        before.close();

        redis.restart();
        Weir after = open();

        assertThat(after.limiter("search").tryAcquire(ALICE).remaining()).isEqualTo(119);
        assertThat(after.limiter("search").tryAcquire("bob").remaining()).isEqualTo(69);
        assertThat(after.limits().findBucket("tenant-7")).contains(new Rate(10, Duration.ofSeconds(1), 50));
        assertThat(after.bucket("tenant-7").tryAcquire(5).remaining()).isEqualTo(45);
    }
}
