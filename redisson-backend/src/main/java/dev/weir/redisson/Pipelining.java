package dev.weir.redisson;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import org.redisson.client.NettyHook;

/**
 * Lets calls that are ready at the same time leave each connection in one write, as a pipeline: Redis then reads them
 * at once, and answers them at once. For a cluster, where a batch holds calls of one shard: those of all shards of a
 * master so leave together. One Redis has a batch for all, and nothing to gain.
 *
 * <p>Each is still a call of its own: where a slot has moved, Redisson sends the calls of that slot to the other node,
 * and no others. No call waits for one that comes later: a connection is flushed when its thread has done the work that
 * was there before.
 *
 * @param next what else is to see each connection
 */
record Pipelining(NettyHook next) implements NettyHook {

    @Override
    public void afterBoostrapInitialization(Bootstrap bootstrap) {
        next.afterBoostrapInitialization(bootstrap);
    }

    @Override
    public void afterChannelInitialization(Channel channel) {
        channel.pipeline()
                .addFirst(new FlushConsolidationHandler(
                        FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
        next.afterChannelInitialization(channel);
    }
}
