package dev.weir;

import dev.weir.limit.Decisions;

/** The outcome of a request: delivered as soon as the lock is free. */
record Delivery(WaitingRequest parked, Decisions decisions) {

    void deliver() {
        try {
            parked.turn.report();
        } finally {
            parked.answer.complete(decisions);
        }
    }
}
