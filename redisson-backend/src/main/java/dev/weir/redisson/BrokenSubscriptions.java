package dev.weir.redisson;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicLong;
import org.redisson.client.NettyHook;
import org.redisson.client.RedisConnection;
import org.redisson.client.RedisPubSubConnection;

/**
 * Counts the connections for subscriptions that have broken: Redisson makes them again, and says nothing where Redis
 * refuses that. It counts those of other subscriptions of the same client, too.
 *
 * @param next what else is to see each connection
 */
record BrokenSubscriptions(NettyHook next, AtomicLong count) implements NettyHook {

    BrokenSubscriptions(NettyHook next) {
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
            public void channelInactive(ChannelHandlerContext context) {
                RedisConnection connection = RedisConnection.getFrom(channel);
                if (connection instanceof RedisPubSubConnection && !connection.isClosed()) {
                    count.incrementAndGet();
                }
                context.fireChannelInactive();
            }
        });
        next.afterChannelInitialization(channel);
    }
}
