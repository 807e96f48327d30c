package dev.weir.redisson;

import dev.weir.ChangingNumbersContract;
import dev.weir.store.Store;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.redisson.api.RedissonClient;

/** By functions and by scripts on the same data. */
class OneRedisChangingNumbersTest extends ChangingNumbersContract {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static List<RedissonClient> clients;

    private static int opened;

    @BeforeAll
    static void open() {
        clients = List.of(
                BothForms.client(redis.uri()), BothForms.client(BothForms.withoutFunctions(redis.uri(), redis::send)));
    }

    @AfterAll
    static void shutDown() {
        clients.forEach(RedissonClient::shutdown);
        BothForms.assertBothRan(redis::send);
    }

    @Override
    protected Store store() {
        return RedissonStore.using(clients.get(opened++ % clients.size()));
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
