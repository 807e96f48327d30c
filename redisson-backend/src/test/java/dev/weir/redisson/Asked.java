package dev.weir.redisson;

import dev.weir.limit.Decision;
import dev.weir.store.Charge;
import dev.weir.store.Store;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a store decides for a client for whom nothing is set at run time. */
final class Asked {

    private Asked() {}

    static CompletableFuture<List<Decision>> of(Store store, String client, Charge... charges) {
        return decisions(store.tryAcquire(StoreRequest.of(client, List.of(charges))));
    }

    static CompletableFuture<List<Decision>> at(long nowMicros, RedissonStore store, String client, Charge... charges) {
        return decisions(store.tryAcquireAt(nowMicros, StoreRequest.of(client, List.of(charges))));
    }

    /** Cancelling it cancels the call. */
    private static CompletableFuture<List<Decision>> decisions(CompletableFuture<StoreReply> answer) {
        CompletableFuture<List<Decision>> decisions =
                answer.thenApply(decided -> ((StoreReply.Decided) decided).decisions());
        decisions.whenComplete((ignored, failure) -> {
            if (decisions.isCancelled()) {
                answer.cancel(true);
            }
        });
        return decisions;
    }
}
