package dev.weir.redisson;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import java.time.Duration;
import java.util.Map;

/** A fresh virtual machine that asks for more than a small limit as soon as its limiter is built. */
final class ColdBurst {

    static final int LIMIT = 6;
    private static final int REQUESTS = 20;

    private ColdBurst() {}

    /** @param arguments the Redis, and the client */
    public static void main(String[] arguments) {
        try (Weir weir = Weir.builder()
                .store(new RedissonStoreProvider().open(Map.of("weir.redisson.uri", arguments[0])))
                .policy(Policy.of("search", Limit.fixedWindow(LIMIT, Duration.ofDays(366))))
                .build()) {
            int permitted = 0;
            for (int i = 0; i < REQUESTS; i++) {
                permitted += weir.limiter("search").allow(arguments[1]) ? 1 : 0;
            }
            System.out.println("permitted=" + permitted);
        }
    }
}
