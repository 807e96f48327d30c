package dev.weir.redisson;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicLong;
import org.redisson.client.FailedConnectionDetector;
import org.redisson.client.FailedNodeDetector;
import org.redisson.client.NettyHook;
import org.redisson.client.RedisConnection;
import org.redisson.client.RedisPubSubConnection;

/**
 * Lets Redisson go on with every node, however long it has failed. Otherwise it gives up a node when three minutes have
 * passed since its first failure, on the wall clock: then it closes all connections, and looks for the node every three
 * seconds. The store probes by itself, and its instances are to share limits again at once.
 *
 * <p>A configuration sets this for replicas alone. So each connection sets it for its node.
 *
 * @param next what else is to see each connection
 * @param brokenSubscriptions how many connections with subscriptions have broken
 */
record AlwaysTried(NettyHook next, AtomicLong brokenSubscriptions) implements NettyHook {

    /** No time is as long as that. */
    static final FailedNodeDetector NEVER = new FailedConnectionDetector(Long.MAX_VALUE);

    AlwaysTried(NettyHook next) {
        this(next, new AtomicLong());
    }

    @Override
    public void afterBoostrapInitialization(Bootstrap bootstrap) {
        next.afterBoostrapInitialization(bootstrap);
    }

    @Override
    public void afterChannelInitialization(Channel channel) {
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRegistered(ChannelHandlerContext context) {
                RedisConnection connection = RedisConnection.getFrom(channel);
                connection.getRedisClient().getConfig().setFailedNodeDetector(NEVER);
                context.fireChannelRegistered();
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                RedisConnection connection = RedisConnection.getFrom(channel);
                if (connection instanceof RedisPubSubConnection && !connection.isClosed()) {
                    brokenSubscriptions.incrementAndGet();
                }
                context.fireChannelInactive();
            }
        });
        next.afterChannelInitialization(channel);
    }
}
