package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Store;
import dev.weir.store.StoreContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract under a prefix, without which no key is ever written. */
class OneRedisPrefixTest extends StoreContract {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static GivenTimeStore store;

    @BeforeAll
    static void open() {
        store = new GivenTimeStore(Map.of("weir.redisson.uri", redis.uri(), "weir.redis.prefix", "shop.eu-1"));
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @AfterEach
    void everyKeyHasThePrefix() {
        assertThat((List<?>) redis.send("KEYS", "*"))
                .allMatch(key -> key.toString().startsWith("shop.eu-1:weir:{"));
    }

    @Override
    protected Store store() {
        return store;
    }

    @Override
    protected void setNowMicros(long nowMicros) {
        store.setNowMicros(nowMicros);
    }
}
