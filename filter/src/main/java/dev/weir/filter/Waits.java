package dev.weir.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What a request waits for before it goes on: gates leave it in an attribute of the request, and {@link DelayFilter}
 * takes it. Used by one thread at a time.
 */
final class Waits {

    private static final String ATTRIBUTE = "dev.weir.filter.waits";

    private final List<PendingDecision> waits = new ArrayList<>();
    private boolean isParked;
    private volatile boolean areGivenUp;

    /** The waits of a request, if it waits at all. */
    static Optional<Waits> of(Exchange request) {
        return request.attribute(ATTRIBUTE) instanceof Waits waits ? Optional.of(waits) : Optional.empty();
    }

    static void add(Exchange request, PendingDecision wait) {
        Waits waits = of(request).orElseGet(Waits::new);
        waits.waits.add(wait);
        request.setAttribute(ATTRIBUTE, waits);
    }

    List<PendingDecision> each() {
        return waits;
    }

    boolean areOver() {
        return waits.stream().allMatch(wait -> wait.turn().isDone());
    }

    /** Completes when all are over. */
    CompletableFuture<Void> over() {
        return CompletableFuture.allOf(waits.stream().map(PendingDecision::turn).toArray(CompletableFuture<?>[]::new));
    }

    /** From now on, the request waits for them, without a thread. */
    void parked() {
        isParked = true;
    }

    boolean areParked() {
        return isParked;
    }

    /** Ends them, and returns why the request may not go on. */
    Optional<Problem> settle(Exchange request) {
        request.removeAttribute(ATTRIBUTE);
        Optional<Problem> first = Optional.empty();
        for (PendingDecision wait : waits) {
            Optional<Problem> problem = wait.settle(request);
            first = first.isPresent() ? first : problem;
        }
        return first;
    }

    /** Whether the limiter has been closed, with its web application. */
    boolean isClosed() {
        return waits.stream().anyMatch(wait -> wait.gate().limits().isClosed());
    }

    /** Whether the turns have been given up. */
    boolean areGivenUp() {
        return areGivenUp;
    }

    /** Gives up all turns, and takes the waits out of the request. */
    void discard(Exchange request) {
        giveUp();
        request.removeAttribute(ATTRIBUTE);
    }

    /** Gives up all turns; from any thread. */
    void giveUp() {
        areGivenUp = true;
        waits.forEach(wait -> wait.turn().cancel(false));
    }
}
