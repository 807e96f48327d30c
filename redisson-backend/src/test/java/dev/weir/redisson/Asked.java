package dev.weir.redisson;

import dev.weir.limit.Decision;
import dev.weir.store.Answer;
import dev.weir.store.Call;
import dev.weir.store.Charge;
import dev.weir.store.Store;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a store decides for a client for whom nothing is set at run time. */
final class Asked {

    private Asked() {}

    static CompletableFuture<List<Decision>> of(Store store, String client, Charge... charges) {
        return decisions(store.tryAcquire(Call.of(client, List.of(charges))));
    }

    static CompletableFuture<List<Decision>> at(long nowMicros, RedissonStore store, String client, Charge... charges) {
        return decisions(store.tryAcquireAt(nowMicros, Call.of(client, List.of(charges))));
    }

    /** Cancelling it cancels the call. */
    private static CompletableFuture<List<Decision>> decisions(CompletableFuture<Answer> answer) {
        CompletableFuture<List<Decision>> decisions =
                answer.thenApply(decided -> ((Answer.Decided) decided).decisions());
        decisions.whenComplete((ignored, failure) -> {
            if (decisions.isCancelled()) {
                answer.cancel(true);
            }
        });
        return decisions;
    }
}
