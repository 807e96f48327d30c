package dev.weir.redisson;

import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.redisson.api.RedissonClient;

/**
 * What {@link RedissonStore} would be without batches: the same script, once for each decision. In its package to reach
 * that.
 */
public final class OneCallEach implements Function<StoreRequest, CompletableFuture<StoreReply>> {

    private final ScriptRunner scripts;
    private final RedisKeys keys = new RedisKeys(RedissonSettings.DEFAULT_SHARDS);

    public OneCallEach(RedissonClient redisson) {
        this.scripts = new ScriptRunner(redisson);
    }

    @Override
    public CompletableFuture<StoreReply> apply(StoreRequest call) {
        return AcquireScript.run(scripts, List.of(AcquireCall.of(keys, call)), AcquireScript.REDIS_TIME)
                .thenApply(replies -> replies.get(0).answer());
    }
}
