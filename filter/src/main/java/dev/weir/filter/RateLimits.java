package dev.weir.filter;

import dev.weir.PolicyCost;
import dev.weir.Weir;
import jakarta.servlet.ServletContext;
import java.util.function.Supplier;

/** The rate limiter of one web application, with what configuration says about HTTP. Thread-safe. */
public final class RateLimits implements AutoCloseable {

    private final Weir weir;
    private final Supplier<HttpSettings> http;

    RateLimits(Weir weir, Supplier<HttpSettings> http) {
        this.weir = weir;
        this.http = http;
    }

    /**
     * The rate limiter of a web application.
     *
     * @throws IllegalStateException if it has none
     */
    public static RateLimits of(ServletContext context) {
        if (context.getAttribute(RateLimits.class.getName()) instanceof RateLimits limits) {
            return limits;
        }
        throw new IllegalStateException("the web application has no rate limiter");
    }

    /** The limiter itself. */
    public Weir weir() {
        return weir;
    }

    /** What configuration says about HTTP now. */
    HttpSettings http() {
        return http.get();
    }

    /**
     * Makes sure that a policy can be used.
     *
     * @throws IllegalArgumentException if it does not exist, or {@code cost} is not from 1 to its capacity
     */
    void require(String policy, long cost, String where) {
        try {
            long capacity = weir.policy(policy).limit().capacity();
            if (new PolicyCost(policy, cost).cost() > capacity) {
                throw new IllegalArgumentException("a cost of %d can never pass policy '%s', whose capacity is %d"
                        .formatted(cost, policy, capacity));
            }
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(where + ": " + refused.getMessage(), refused);
        }
    }

    @Override
    public void close() {
        weir.close();
    }
}
