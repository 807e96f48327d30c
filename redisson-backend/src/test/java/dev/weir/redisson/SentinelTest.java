package dev.weir.redisson;

import dev.weir.store.Store;
import dev.weir.store.StoreContract;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SentinelTest extends StoreContract {

    private static RedisSentinels sentinels;
    private static GivenTimeStore store;

    @BeforeAll
    static void open(@TempDir Path directory) {
        sentinels = RedisSentinels.start();
        String file = sentinels.config(directory).toString();
        store = new GivenTimeStore(Map.of("weir.redisson.config", file));
    }

    @AfterAll
    static void close() {
        store.close();
        sentinels.close();
    }

    @BeforeEach
    void flush() {
        sentinels.master().send("FLUSHALL");
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
