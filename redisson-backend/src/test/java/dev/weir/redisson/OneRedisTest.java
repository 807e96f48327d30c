package dev.weir.redisson;

import dev.weir.store.Store;
import dev.weir.store.StoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, by functions and by scripts on the same data. */
class OneRedisTest extends StoreContract {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static GivenTimeStore store;

    @BeforeAll
    static void open() {
        store = GivenTimeStore.ofBothForms(redis.uri(), redis::send);
    }

    @AfterAll
    static void close() {
        store.close();
        BothForms.assertBothRan(redis::send);
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
