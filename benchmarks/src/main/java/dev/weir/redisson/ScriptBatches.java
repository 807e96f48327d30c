package dev.weir.redisson;

import dev.weir.store.StoreRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.redisson.api.RedissonClient;

/** The scripts as {@link RedissonStore} calls them, in batches of any size. In its package to reach them. */
public final class ScriptBatches {

    private final ScriptRunner scripts;
    private final RedisKeys keys = new RedisKeys(RedissonSettings.DEFAULT_SHARDS);

    public ScriptBatches(RedissonClient redisson) {
        this.scripts = new ScriptRunner(redisson);
    }

    /** Decides requests in one call; those on a pool if the first is. */
    public CompletableFuture<?> decide(List<StoreRequest> requests) {
        if (requests.get(0).share() != null) {
            List<PoolRequest> onPool = requests.stream().map(PoolRequest::of).toList();
            return PoolScript.run(scripts, keys, onPool, AcquireScript.REDIS_TIME);
        }
        List<AcquireCall> calls =
                requests.stream().map(request -> AcquireCall.of(keys, request)).toList();
        return AcquireScript.run(scripts, calls, AcquireScript.REDIS_TIME);
    }
}
