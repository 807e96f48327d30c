package dev.weir.lease;

import java.util.concurrent.CompletableFuture;

/** What {@link CompletableFuture} does not do: a stage that is cancelled cancels the one that it stands on. */
final class Cancellation {

    private Cancellation() {}

    /** @return {@code stage}, which from now on cancels {@code source} when it is cancelled */
    static <T> CompletableFuture<T> passedOn(CompletableFuture<T> stage, CompletableFuture<?> source) {
        stage.whenComplete((result, failure) -> {
            if (stage.isCancelled()) {
                source.cancel(true);
            }
        });
        return stage;
    }
}
