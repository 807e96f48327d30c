package dev.weir.redisson;

import dev.weir.ChangingNumbersContract;
import dev.weir.store.Store;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

class ClusterChangingNumbersTest extends ChangingNumbersContract {

    private static RedisCluster cluster;
    private static RedissonClient client;

    @BeforeAll
    static void open() {
        cluster = RedisCluster.start();
        List<String> nodes = cluster.masters().stream().map(RedisServer::uri).toList();
        Config config = new Config();
        config.useClusterServers().addNodeAddress(nodes.toArray(String[]::new));
        client = Redisson.create(config);
    }

    @AfterAll
    static void shutDown() {
        client.shutdown();
        cluster.close();
    }

    @Override
    protected Store store() {
        return RedissonStore.using(client);
    }

    @BeforeEach
    @Override
    protected void reset() {
        cluster.masters().forEach(master -> master.send("FLUSHALL"));
    }

    @Override
    protected int histories() {
        return 1;
    }
}
