package dev.weir.redisson;

import dev.weir.store.Store;
import dev.weir.store.StoreContract;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

class OneRedisTest extends StoreContract {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static GivenTimeStore store;

    @BeforeAll
    static void open() {
        store = new GivenTimeStore(Map.of("weir.redisson.uri", redis.uri()));
    }

    @AfterAll
    static void close() {
        store.close();
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
