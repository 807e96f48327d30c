package dev.weir.filter.admin;

import dev.weir.filter.RateLimits;
import dev.weir.store.MicrosClock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The paths of the admin resource, behind its guard. Knows neither JAX-RS nor servlets. Immutable. */
final class AdminRoutes {

    private final AdminGuard guard;
    private final List<AdminRoute> routes;

    /** @throws IllegalStateException if the configuration has neither a token nor a role */
    AdminRoutes(RateLimits limits) {
        this(limits, MicrosClock.steady());
    }

    /** @param clock by which wrong tokens are limited */
    AdminRoutes(RateLimits limits, MicrosClock clock) {
        guard = AdminGuard.of(limits, clock);
        routes = Stream.of(
                        new AdminOverview(limits).routes(),
                        new AdminClients(limits).routes(),
                        new AdminBuckets(limits).routes())
                .flatMap(List::stream)
                .toList();
    }

    AdminGuard guard() {
        return guard;
    }

    /**
     * The answer to a request, be it that it may not pass; empty if the path is none of these.
     *
     * @param path its decoded segments below the resource
     */
    Optional<AdminAnswer> answer(List<String> path, AdminCall call) {
        for (AdminRoute route : routes) {
            Optional<Map<String, String>> parameters = route.match(path);
            if (parameters.isPresent()) {
                return Optional.of(guard.refusal(call)
                        .orElseGet(() -> answer(route, new AdminRequest(call, parameters.get()))));
            }
        }
        return Optional.empty();
    }

    private static AdminAnswer answer(AdminRoute route, AdminRequest request) {
        String method = request.call().method();
        if (method.equals("OPTIONS")) {
            return AdminAnswer.options(route.allowed());
        }
        return route.action(method)
                .map(action -> {
                    AdminAnswer answer = request.call().takesJson()
                            ? answer(() -> action.apply(request))
                            : AdminProblem.of(AdminStatus.NOT_ACCEPTABLE, "answers are application/json");
                    return method.equals("HEAD") ? answer.withoutBody() : answer;
                })
                .orElseGet(() -> AdminProblem.of(AdminStatus.METHOD_NOT_ALLOWED, "allowed are " + route.allowed())
                        .with("Allow", route.allowed()));
    }

    private static AdminAnswer answer(Supplier<AdminAnswer> action) {
        try {
            return action.get();
        } catch (AdminProblem problem) {
            return problem.answer();
        }
    }
}
