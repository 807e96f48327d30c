package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.client.NettyHook;
import org.redisson.config.Config;

/** In a cluster, calls of all shards of a master leave together. */
class PipeliningTest {

    private static final int SHARDS = 64;
    private static final Limit LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(1));

    /** What leaves for the network, next to the socket. */
    private static final class Departures implements NettyHook {

        final AtomicInteger messages = new AtomicInteger();
        final AtomicInteger flushes = new AtomicInteger();
        private volatile Channel one;

        @Override
        public void afterBoostrapInitialization(Bootstrap bootstrap) {}

        @Override
        public void afterChannelInitialization(Channel channel) {
            one = channel;
            channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                    messages.incrementAndGet();
                    context.write(message, promise);
                }

                @Override
                public void flush(ChannelHandlerContext context) {
                    flushes.incrementAndGet();
                    context.flush();
                }
            });
        }

        /** Runs on the thread of the network, of which there is one: nothing leaves meanwhile. */
        <T> T atOnce(Callable<T> work) throws Exception {
            return one.eventLoop().submit(work).get();
        }
    }

    @Test
    void callsOfAllShards_leaveInFewWrites(@TempDir Path directory) throws Exception {
        Departures departures = new Departures();
        try (RedisCluster cluster = RedisCluster.start()) {
            Config config = Config.fromYAML(cluster.config(directory).toFile()).setNettyThreads(1);
            config.setNettyHook(departures);
            try (RedissonStore store = RedissonStore.connecting(config, null, null, key -> null)) {
                assertThat(ask(store, departures)).allMatch(StoreReply.Decided.class::isInstance); // Loads the library.
                int messages = departures.messages.get();
                int flushes = departures.flushes.get();

                assertThat(ask(store, departures)).allMatch(StoreReply.Decided.class::isInstance);

                assertThat(departures.messages.get() - messages).isGreaterThanOrEqualTo(SHARDS);
                assertThat(departures.flushes.get() - flushes).isLessThan(SHARDS / 2);
            }
        }
    }

    /** Of a client in each shard, all at once. */
    private static List<StoreReply> ask(RedissonStore store, Departures departures) throws Exception {
        List<CompletableFuture<StoreReply>> asked = departures.atOnce(
                () -> requests().values().stream().map(store::tryAcquire).toList());
        return asked.stream().map(CompletableFuture::join).toList();
    }

    private static Map<Integer, StoreRequest> requests() {
        RedisKeys keys = new RedisKeys(SHARDS);
        Map<Integer, StoreRequest> requests = new HashMap<>();
        for (int i = 0; requests.size() < SHARDS; i++) {
            StoreRequest request = StoreRequest.of("client-" + i, List.of(new Charge("search", LIMIT, 1)));
            requests.putIfAbsent(AcquireCall.of(keys, request).shard(), request);
        }
        return requests;
    }
}
