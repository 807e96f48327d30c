package dev.weir.filter;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where a request above its limit may be let on, because the {@link DelayFilter} that it waits in runs behind: on
 * routes on which it was seen to run, and past which no request above its limit was served. Elsewhere such a request
 * would be served at once: where the container ignores the filter's mapping, or where a filter serves requests itself,
 * as JAX-RS as a filter does. It is rejected there.
 *
 * <p>Of one {@link RateLimitFilter}. Thread-safe.
 */
final class WaitingRoutes {

    private static final Logger LOG = System.getLogger(WaitingRoutes.class.getName());
    private static final String ATTRIBUTE = "dev.weir.filter.routes";
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE");

    /**
     * Requests that are served alike.
     *
     * @param servlet its name
     * @param method a filter may serve one method alone, a preflight for instance
     */
    private record Route(String servlet, String method) {

        static Route of(HttpServletRequest request) {
            String method = request.getMethod();
            return new Route(
                    String.valueOf(request.getHttpServletMapping().getServletName()),
                    METHODS.contains(method) ? method : "another"); // Callers can make up any number of them.
        }
    }

    /** What a request shows the {@link DelayFilter} that it reaches. */
    private record Passed(WaitingRoutes routes, Route route) {}

    private final Set<Route> reached = ConcurrentHashMap.newKeySet();
    private final Set<Route> bypassed = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean hasWarned = new AtomicBoolean();

    /** A request sets out: if it comes to the {@link DelayFilter}, its route does. */
    void enter(HttpServletRequest request) {
        Route route = Route.of(request);
        if (!reached.contains(route)) {
            List<Passed> all = new ArrayList<>(passed(request));
            all.add(new Passed(this, route));
            request.setAttribute(ATTRIBUTE, List.copyOf(all));
        }
    }

    /** A request has come to the {@link DelayFilter}. */
    static void reached(HttpServletRequest request) {
        List<Passed> all = passed(request);
        if (!all.isEmpty()) {
            all.forEach(passed -> passed.routes.reached.add(passed.route));
            request.removeAttribute(ATTRIBUTE);
        }
    }

    private static List<Passed> passed(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof List<?> all
                ? all.stream().map(Passed.class::cast).toList()
                : List.of();
    }

    /** A request above its limit was served without having come to the {@link DelayFilter}. */
    void bypassed(HttpServletRequest request) {
        bypassed.add(Route.of(request));
        warn(request);
    }

    /** Whether a request above its limit may be let on. */
    boolean leadToTheDelay(HttpServletRequest request) {
        Route route = Route.of(request);
        return reached.contains(route) && !bypassed.contains(route);
    }

    /** A request above its limit was rejected that would have waited: it is logged, once, if its route is why. */
    void isMissed(HttpServletRequest request) {
        if (DelayFilter.isAheadOf(request) && !leadToTheDelay(request)) {
            warn(request);
        }
    }

    private void warn(HttpServletRequest request) {
        if (hasWarned.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "requests to {0} that are above their limit do not wait for their turn, but are rejected: none was seen"
                            + " to reach the servlet by the filter that they would wait in. Right after a start that is"
                            + " usual. If it stays so, a filter serves them itself, or the container does not run that"
                            + " filter: put the limit behind that filter, or let the policy reject",
                    request.getRequestURI());
        }
    }
}
