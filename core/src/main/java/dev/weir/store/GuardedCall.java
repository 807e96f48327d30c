package dev.weir.store;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A call of a store. */
public final class GuardedCall {

    private GuardedCall() {}

    /**
     * The answer of a call. A store that throws, or returns null, instead of answering has failed like any other,
     * whatever it throws.
     */
    public static <T> CompletableFuture<T> started(Supplier<CompletableFuture<T>> call) {
        try {
            return Objects.requireNonNull(call.get(), "a store returned null in place of an answer");
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
