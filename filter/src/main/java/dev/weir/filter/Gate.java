package dev.weir.filter;

import dev.weir.Decision;
import dev.weir.Decisions;
import dev.weir.PolicyCost;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A place where requests are charged: a filter, or a resource method.
 *
 * <p>What has been decided is kept in the request itself, so a policy is charged once for each request however often
 * the request comes by: forwarded, included, dispatched again, or first through a filter and then to a resource.
 *
 * @param limits whose policies
 * @param costs what a request is charged, all together or not at all
 * @param exposed whether the response tells about these policies; about one in shadow mode it never does
 */
record Gate(RateLimits limits, List<PolicyCost> costs, boolean exposed) {

    private static final String EXPOSED = "dev.weir.filter.exposed";

    /**
     * Charges a request for what it has not been charged yet, writes the response's fields, and says why it may not go
     * on.
     */
    Optional<Problem> enter(HttpServletRequest request, HttpServletResponse response) {
        if (request.getDispatcherType() == DispatcherType.ERROR) {
            return Optional.empty(); // An answer on its way out: nothing more is asked for.
        }
        List<Decision> before = request.getAttribute(RateLimitFilter.DECISIONS) instanceof Decisions decisions
                ? decisions.each()
                : List.of();
        List<PolicyCost> due = costs.stream()
                .filter(cost -> before.stream().noneMatch(d -> d.policy().equals(cost.policy())))
                .toList();
        if (due.isEmpty()) {
            return Optional.empty();
        }
        HttpSettings http = limits.http();
        List<String> shown = due.stream()
                .filter(cost -> !cost.shadow() && !limits.isShadow(cost.policy()))
                .map(PolicyCost::policy)
                .toList();
        Decisions now = limits.weir().tryAcquire(client(http, request), due);
        request.setAttribute(RateLimitFilter.DECISIONS, new Decisions(joined(before, now.each())));
        List<Decision> told = now.each().stream()
                .filter(decision -> exposed && shown.contains(decision.policy()))
                .toList();
        if (!told.isEmpty()) {
            RateLimitHeaders.describe(response, http.headers(), expose(request, told));
        }
        if (now.permitted()) {
            return Optional.empty();
        }
        RateLimitHeaders.reject(response, now);
        return Optional.of(Problem.of(now));
    }

    private static String client(HttpSettings http, HttpServletRequest request) {
        return http.clientId()
                .resolve(request)
                .orElseThrow(() -> new IllegalStateException("the client id resolver in force has no answer"));
    }

    private static Decisions expose(HttpServletRequest request, List<Decision> now) {
        List<Decision> before =
                request.getAttribute(EXPOSED) instanceof Decisions decisions ? decisions.each() : List.of();
        Decisions exposed = new Decisions(joined(before, now));
        request.setAttribute(EXPOSED, exposed);
        return exposed;
    }

    private static List<Decision> joined(List<Decision> before, List<Decision> now) {
        return Stream.concat(before.stream(), now.stream()).toList();
    }
}
