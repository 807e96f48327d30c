package dev.weir.redisson;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.redisson.client.FailedConnectionDetector;
import org.redisson.client.FailedNodeDetector;
import org.redisson.client.NettyHook;
import org.redisson.client.RedisConnection;

/**
 * Lets Redisson go on with every node, however long it has failed. Otherwise it gives up a node when three minutes have
 * passed since its first failure, on the wall clock: then it closes all connections, and looks for the node every three
 * seconds. The store probes by itself, and its instances are to share limits again at once.
 *
 * <p>A configuration sets this for replicas alone. So each connection sets it for its node.
 *
 * @param next what else is to see each connection
 */
record AlwaysTried(NettyHook next) implements NettyHook {

    /** No time is as long as that. */
    static final FailedNodeDetector NEVER = new FailedConnectionDetector(Long.MAX_VALUE);

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
        });
        next.afterChannelInitialization(channel);
    }
}
