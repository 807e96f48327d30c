package dev.weir.store;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A call of a store. */
public final class GuardedCall {

    private GuardedCall() {}

    /** The answer of a call. A store that throws instead of answering has failed like any other, whatever it throws. */
    public static <T> CompletableFuture<T> started(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
