package dev.weir.filter;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What a request waits for before it goes on: left in it by gates, taken by {@link DelayFilter}. Of one thread at a
 * time.
 */
final class Waits {

    private static final String ATTRIBUTE = "dev.weir.filter.waits";

    private final List<Gate.Parked> waits = new ArrayList<>();
    private boolean isParked;
    private volatile boolean areGivenUp;

    /** Those of a request, if it waits at all. */
    static Optional<Waits> of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Waits waits ? Optional.of(waits) : Optional.empty();
    }

    static void add(HttpServletRequest request, Gate.Parked wait) {
        Waits waits = of(request).orElseGet(Waits::new);
        waits.waits.add(wait);
        request.setAttribute(ATTRIBUTE, waits);
    }

    List<Gate.Parked> each() {
        return waits;
    }

    boolean areOver() {
        return waits.stream().allMatch(wait -> wait.turn().isDone());
    }

    /** Completes when all are over. */
    CompletableFuture<Void> over() {
        return CompletableFuture.allOf(waits.stream().map(Gate.Parked::turn).toArray(CompletableFuture<?>[]::new));
    }

    /** Somebody waits for them now. */
    void parked() {
        isParked = true;
    }

    boolean areParked() {
        return isParked;
    }

    /** Ends them, and says why the request may not go on. */
    Optional<Problem> settle(HttpServletRequest request, HttpServletResponse response) {
        request.removeAttribute(ATTRIBUTE);
        Optional<Problem> first = Optional.empty();
        for (Gate.Parked wait : waits) {
            Optional<Problem> problem = wait.settle(request, response);
            first = first.isPresent() ? first : problem;
        }
        return first;
    }

    /** Whether the limiter has been closed, with its web application. */
    boolean isClosed() {
        return waits.stream().anyMatch(wait -> wait.gate().limits().isClosed());
    }

    /** Whether no request waits any more. */
    boolean areGivenUp() {
        return areGivenUp;
    }

    /** Leaves all lines, and the request. */
    void discard(HttpServletRequest request) {
        giveUp();
        request.removeAttribute(ATTRIBUTE);
    }

    /** Leaves all lines; from any thread. */
    void giveUp() {
        areGivenUp = true;
        waits.forEach(wait -> wait.turn().cancel(false));
    }
}
