package dev.weir;

import dev.weir.limit.Decisions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A request that waits. */
final class WaitingRequest {

    final QueuedRequest turn;
    final WaitingLine line;
    final long deadlineNanos;
    final CompletableFuture<Decisions> answer = new CompletableFuture<>();

    @Nullable Future<?> end;

    /** Whether its time is over, and it asks a last time. */
    boolean isLate;

    WaitingRequest(QueuedRequest turn, WaitingLine line, long deadlineNanos) {
        this.turn = turn;
        this.line = line;
        this.deadlineNanos = deadlineNanos;
    }
}
