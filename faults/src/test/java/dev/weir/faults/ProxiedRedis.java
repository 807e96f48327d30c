package dev.weir.faults;

import dev.weir.redisson.RedisServer;

/** One server behind a network that goes wrong. */
record ProxiedRedis(RedisServer server, Proxy network) implements AutoCloseable {

    static ProxiedRedis start() {
        RedisServer server = RedisServer.start();
        return new ProxiedRedis(server, new Proxy(server.port()));
    }

    @Override
    public void close() {
        network.close();
        server.close();
    }
}
