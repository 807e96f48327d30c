package dev.weir.redisson;

import dev.weir.store.Store;
import dev.weir.store.StoreHistories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** The steps are those of one Redis; that they meet the same state whichever master has it, few histories show. */
@PropertyDefaults(tries = 25)
class ClusterHistoriesTest extends StoreHistories {

    private static RedisCluster cluster;
    private static GivenTimeStore store;

    @BeforeContainer
    static void open() throws IOException {
        cluster = RedisCluster.start();
        Path directory = Files.createTempDirectory("weir-cluster-");
        Path config = cluster.config(directory);
        store = new GivenTimeStore(Map.of("weir.redisson.config", config.toString()));
        Files.delete(config);
        Files.delete(directory);
    }

    @AfterContainer
    static void close() {
        store.close();
        cluster.close();
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
