package dev.weir.redisson;

import dev.weir.Charge;
import dev.weir.Decision;
import dev.weir.Store;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.redisson.api.RedissonClient;

/** What {@link RedissonStore} would be without batches: the same script, once for each decision. In its package to reach that. */
public final class OneCallEach implements Store {

    private final RedissonClient redisson;
    private final RedisKeys keys = new RedisKeys(RedissonSettings.DEFAULT_SHARDS);

    public OneCallEach(RedissonClient redisson) {
        this.redisson = redisson;
    }

    @Override
    public CompletableFuture<List<Decision>> tryAcquire(String client, List<Charge> charges) {
        return AcquireScript.run(redisson, List.of(AcquireCall.of(keys, client, charges)), AcquireScript.REDIS_TIME)
                .thenApply(answers -> answers.get(0).decisions());
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        return CompletableFuture.completedFuture(1);
    }

    @Override
    public void close() {
        // The client is another's.
    }
}
