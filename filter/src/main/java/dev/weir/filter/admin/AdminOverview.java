package dev.weir.filter.admin;

import static dev.weir.filter.admin.AdminAnswers.answer;

import dev.weir.filter.RateLimits;
import dev.weir.filter.metrics.RejectedClients;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows policies, pools, instances, and the clients that were rejected most often. */
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
                AdminRoute.to("rejected").on("GET", this::rejected),
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

    /** The clients that this instance has rejected most often since its start. */
    private AdminAnswer rejected(AdminRequest request) {
        int most = AdminAnswers.most(request.query("most"));
        return AdminAnswer.ok(rateLimits.rejectedClients().top(most).stream()
                .map(AdminOverview::fields)
                .toList());
    }

    private static Map<String, Object> fields(RejectedClients.Top top) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("client", top.client());
        fields.put("policy", top.policy());
        fields.put("count", top.count());
        fields.put("atMostOver", top.atMostOver());
        return fields;
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
