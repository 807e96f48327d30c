package dev.weir.benchmarks;

import com.google.common.util.concurrent.RateLimiter;
import dev.weir.Weir;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Contenders that decide in process, without a call to another. Limiters that know no clients are kept one for each
 * client in a {@link ConcurrentHashMap}, as their users do. No limit ever binds: {@value #PER_SECOND} per second.
 */
final class LocalContenders {

    static final int PER_SECOND = 1_000_000_000;
    private static final String FLOOR = "floor: map look-up and compare-and-swap";

    private LocalContenders() {}

    /**
     * All of them by name; the floor last.
     *
     * @param redisUri where those that lease from a shared store find it
     */
    static Map<String, Supplier<Contender>> all(String redisUri) {
        Map<String, Supplier<Contender>> all = new LinkedHashMap<>();
        for (StoreUse use : StoreUse.values()) {
            if (use != StoreUse.STRICT) { // That one asks Redis each time.
                all.put(use.row() + ", over Redis", () -> RedisContenders.weir(redisUri, use, PER_SECOND));
            }
        }
        all.put("Weir, memory store", LocalContenders::weir);
        all.put("Bucket4j", LocalContenders::bucket4j);
        all.put("Guava RateLimiter", LocalContenders::guava);
        all.put("resilience4j RateLimiter", LocalContenders::resilience4j);
        all.put(FLOOR, LocalContenders::floor);
        return all;
    }

    private static Contender weir() {
        Weir weir = Weir.builder().policy(RedisContenders.policy(PER_SECOND)).build();
        return RedisContenders.of(weir);
    }

    private static Contender bucket4j() {
        return each(
                client -> Bucket.builder()
                        .addLimit(limit -> limit.capacity(PER_SECOND).refillGreedy(PER_SECOND, Duration.ofSeconds(1)))
                        .build(),
                bucket -> bucket.tryConsume(1));
    }

    @SuppressWarnings("UnstableApiUsage")
    private static Contender guava() {
        return each(client -> RateLimiter.create(PER_SECOND), RateLimiter::tryAcquire);
    }

    private static Contender resilience4j() {
        RateLimiterConfig config = RateLimiterConfig.custom()
                .limitForPeriod(PER_SECOND)
                .limitRefreshPeriod(Duration.ofSeconds(1))
                .timeoutDuration(Duration.ZERO)
                .build();
        return each(
                client -> io.github.resilience4j.ratelimiter.RateLimiter.of(client, config),
                io.github.resilience4j.ratelimiter.RateLimiter::acquirePermission);
    }

    private static Contender floor() {
        return each(client -> new AtomicLong(), used -> {
            long before = used.get();
            while (!used.compareAndSet(before, before + 1)) {
                before = used.get();
            }
            return true;
        });
    }

    /** A limiter for each client, made when it first asks. */
    private static <T> Contender each(Function<String, T> limiterOf, Predicate<T> question) {
        ConcurrentHashMap<String, T> limiters = new ConcurrentHashMap<>();
        return client -> {
            T limiter = limiters.get(client); // Cheaper than computeIfAbsent, which may lock where there is one.
            return question.test(limiter == null ? limiters.computeIfAbsent(client, limiterOf) : limiter);
        };
    }
}
