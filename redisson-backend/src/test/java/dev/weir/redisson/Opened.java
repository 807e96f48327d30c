package dev.weir.redisson;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;

/** Opens a store and waits until it decides: on a machine under load that may take longer than opening waits. */
final class Opened {

    private static final Limit GONE_IN_A_MILLISECOND = Limit.tokenBucket(1, Duration.ofMillis(1));

    private Opened() {}

    static RedissonStore store(Map<String, String> settings) {
        RedissonStore store = new RedissonStoreProvider().open(settings);
        Awaitility.await()
                .until(() -> Asked.of(store, "opened", new Charge("opened", GONE_IN_A_MILLISECOND, 1))
                        .handle((decisions, failure) -> failure == null)
                        .join());
        return store;
    }
}
