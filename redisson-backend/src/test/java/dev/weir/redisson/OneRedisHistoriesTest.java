package dev.weir.redisson;

import dev.weir.store.Store;
import dev.weir.store.StoreHistories;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** By functions and by scripts on the same data. */
@PropertyDefaults(tries = 150)
class OneRedisHistoriesTest extends StoreHistories {

    private static RedisServer redis;
    private static GivenTimeStore store;

    @BeforeContainer
    static void open() {
        redis = RedisServer.start();
        store = GivenTimeStore.ofBothForms(redis.uri(), redis::send);
    }

    @AfterContainer
    static void close() {
        store.close();
        BothForms.assertBothRan(redis::send);
        redis.close();
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
