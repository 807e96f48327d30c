package dev.weir.spring;

import dev.weir.filter.MethodGate;
import dev.weir.filter.RateLimits;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** The gates in front of controllers' methods. Thread-safe. */
final class ControllerGates implements HandlerInterceptor {

    /** A controller may inherit a method that another controller inherits too. */
    private record Place(Class<?> controller, Method method) {}

    private final RateLimits limits;
    private final ServletContext context;
    private final Map<Place, Optional<MethodGate>> gates = new ConcurrentHashMap<>();

    ControllerGates(RateLimits limits, ServletContext context) {
        this.limits = limits;
        this.context = context;
    }

    /**
     * The gate of a method; empty if it is not limited.
     *
     * @throws IllegalArgumentException if its annotation cannot be kept; the message names the method
     */
    Optional<MethodGate> of(HandlerMethod handler) {
        return gates.computeIfAbsent(
                new Place(handler.getBeanType(), handler.getMethod()),
                place -> MethodGate.of(limits, place.controller, place.method, context));
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        if (handler instanceof HandlerMethod method) {
            Optional<MethodGate> gate = of(method);
            return gate.isEmpty() || gate.get().enter(request, response);
        }
        return true;
    }
}
