package dev.weir.redisson;

import dev.weir.ChangingNumbersContract;
import dev.weir.store.Store;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

class OneRedisChangingNumbersTest extends ChangingNumbersContract {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static RedissonClient client;

    @BeforeAll
    static void open() {
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri());
        client = Redisson.create(config);
    }

    @AfterAll
    static void shutDown() {
        client.shutdown();
    }

    @Override
    protected Store store() {
        return RedissonStore.using(client);
    }

    @Override
    protected void reset() {
        redis.send("FLUSHALL");
    }

    @Override
    protected int histories() {
        return 5;
    }
}
