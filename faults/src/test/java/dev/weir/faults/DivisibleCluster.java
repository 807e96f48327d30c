package dev.weir.faults;

import dev.weir.redisson.RedisCluster;
import dev.weir.redisson.RedisCluster.Entrance;
import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A cluster of three masters and their replicas whose network can be divided. Each node is reached through proxies, one
 * for clients and replicas, one for nodes, and connects from an address of its own of the loopback network. So a proxy
 * knows which node a connection comes from. Instances connect from 127.0.0.1.
 */
final class DivisibleCluster implements AutoCloseable {

    /** The ways to a node. */
    private record Gate(InetAddress address, Proxy clients, Proxy bus) implements AutoCloseable {

        @Override
        public void close() {
            clients.close();
            bus.close();
        }
    }

    private final Map<RedisServer, Gate> gates = new LinkedHashMap<>();
    private final RedisCluster cluster;

    private DivisibleCluster() {
        cluster = RedisCluster.startWithReplicas(this::entrance);
    }

    static DivisibleCluster start() {
        return new DivisibleCluster();
    }

    private Entrance entrance(RedisServer node) {
        Gate gate = gates.get(node);
        if (gate == null) {
            gate = new Gate(address(gates.size() + 1), new Proxy(node.port()), new Proxy(node.busPort()));
            node.send("CONFIG", "SET", "bind-source-addr", gate.address().getHostAddress());
            gates.put(node, gate);
        }
        return new Entrance(gate.clients().port(), gate.bus().port());
    }

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 1, (byte) number});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    RedisCluster cluster() {
        return cluster;
    }

    /** No other node reaches it, nor it another. Instances reach all nodes. */
    void cutOff(RedisServer node) {
        InetAddress alone = gates.get(node).address();
        Predicate<InetAddress> isNode = peer -> !peer.equals(InetAddress.getLoopbackAddress());
        gates.forEach((each, gate) -> {
            gate.clients().cutOff(each == node ? isNode : alone::equals);
            gate.bus().cutOff(each == node ? isNode : alone::equals);
        });
    }

    /** All reach all again. */
    void join() throws IOException {
        for (Gate gate : gates.values()) {
            gate.clients().join();
            gate.bus().join();
        }
    }

    @Override
    public void close() {
        gates.values().forEach(Gate::close);
        cluster.close();
    }
}
