package dev.weir.filter.admin;

import static dev.weir.filter.admin.AdminAnswers.answer;

import dev.weir.filter.RateLimits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows policies, pools and instances. */
final class AdminOverview {

    private final RateLimits rateLimits;
    private final EffectivePolicies inForce;

    AdminOverview(RateLimits rateLimits) {
        this.rateLimits = rateLimits;
        this.inForce = new EffectivePolicies(rateLimits);
    }

    List<AdminRoute> routes() {
        return List.of(
                AdminRoute.to("policies").on("GET", request -> policies()),
                AdminRoute.to("pools").on("GET", request -> pools()),
                AdminRoute.to("instances").on("GET", request -> instances()));
    }

    /**
     * The policies in force on this instance, with everything that differs from their own numbers but single clients.
     */
    private AdminAnswer policies() {
        return AdminAnswer.ok(inForce.policies());
    }

    /** The pools that policies share on this instance. What is in use of them, only the store knows. */
    private AdminAnswer pools() {
        return AdminAnswer.ok(inForce.pools());
    }

    /** The instances that share the store. */
    private AdminAnswer instances() {
        return answer(() -> AdminAnswer.ok(rateLimits.weir().instanceIds().stream()
                .sorted()
                .map(this::instance)
                .toList()));
    }

    private Map<String, Object> instance(String id) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", id);
        fields.put("self", id.equals(rateLimits.weir().instanceId()));
        return fields;
    }
}
