package dev.weir.redisson;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import java.time.Duration;
import java.util.Map;

/** A fresh virtual machine that makes one request under a policy as soon as its limiter is built. */
final class ColdInstance {

    static final Limit LIMIT = Limit.fixedWindow(100, Duration.ofDays(366));

    private ColdInstance() {}

    /** @param arguments the Redis, and the client */
    public static void main(String[] arguments) {
        long startNanos = System.nanoTime();
        try (Weir weir = Weir.builder()
                .store(new RedissonStoreProvider().open(Map.of("weir.redisson.uri", arguments[0])))
                .policy(Policy.of("search", LIMIT))
                .build()) {
            long builtNanos = System.nanoTime();
            Decision decision = weir.limiter("search").tryAcquire(arguments[1]);
            System.out.printf(
                    "permitted=%s built=%d ms decided=%d ms%n",
                    decision.permitted(),
                    (builtNanos - startNanos) / 1_000_000,
                    (System.nanoTime() - builtNanos) / 1_000_000);
        }
    }
}
