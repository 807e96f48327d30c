package dev.weir.filter;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Optional;

/**
 * Charges requests that a framework other than JAX-RS passes to a method with {@link dev.weir.annotation.RateLimited},
 * and answers those above the limit as {@link RateLimitFilter} does. The framework looks for the gates of its methods
 * at its start, and asks the gate of a method before it calls the method:
 *
 * <pre>{@code
 * Optional<MethodGate> gate = MethodGate.of(limits, controller.getClass(), method, context);
 * ...
 * if (gate.isEmpty() || gate.get().enter(request, response)) {
 *     method.invoke(controller);
 * }
 * }</pre>
 *
 * <p>The annotation of the method comes before that of its class, and both may be inherited, from interfaces too. A
 * request is charged once, however often it is dispatched and whatever other gates it passes. Under a policy with
 * {@code at-limit=delay} it waits for its turn in front of the servlet, without a thread, and then comes again. A
 * request with a multipart body is rejected instead: its parts would be gone by then.
 *
 * <p>Immutable; thread-safe.
 */
public final class MethodGate {

    private final Gate gate;

    private MethodGate(Gate gate) {
        this.gate = gate;
    }

    /**
     * The gate of a method; empty if neither the method nor its class is limited, or if the nearest of the two is
     * exempt.
     *
     * @param type the class that the method is called on, which may inherit the method
     * @param context the web application: whether requests can wait in it for their turn
     * @throws IllegalArgumentException if the annotation cannot be kept: there is no such policy, the cost can never
     *     pass it, or it delays requests that cannot wait; the message names the method
     */
    public static Optional<MethodGate> of(RateLimits limits, Class<?> type, Method method, ServletContext context) {
        String where = "method %s.%s".formatted(type.getName(), method.getName());
        Costs costs = DeclaredCosts.of(type, method, where);
        boolean canWait = DelayFilter.isRegistered(context);
        costs.policies().forEach(cost -> limits.require(cost, where, canWait));
        return costs.equals(Costs.NONE) ? Optional.empty() : Optional.of(new MethodGate(new Gate(limits, costs, true)));
    }

    /**
     * Charges a request for what it has not been charged yet.
     *
     * @return whether to call the method; if not, the response is complete, or the request will come again when its
     *     turn has come: nothing may be written then
     * @throws IOException if a rejection cannot be written
     */
    public boolean enter(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Exchange exchange = new ServletExchange(request, response);
        Optional<Problem> problem = gate.enter(exchange, () -> canComeAgain(request));
        Optional<Waits> waits = Waits.of(exchange);
        Optional<DiscardableResponse> discardable = DiscardableResponse.of(request);
        if (problem.isEmpty() && waits.isPresent() && discardable.isEmpty()) {
            // A filter in front has taken a place in a line, and no request behind it can wait: it is decided now.
            problem = waits.get().settle(exchange);
        }
        if (problem.isPresent()) {
            ProblemResponse.write(request, response, problem.get());
            return false;
        }
        if (waits.isPresent() && discardable.isPresent()) {
            discardable.get().holdBack();
            return false;
        }
        return true;
    }

    /** A framework reads the parts of a form before it calls the method, and deletes them afterwards. */
    private static boolean canComeAgain(HttpServletRequest request) {
        String type = request.getContentType();
        boolean isInParts = type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/");
        return !isInParts && DelayFilter.isBehind(request);
    }
}
