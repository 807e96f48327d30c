package dev.weir.filter.admin;

import static dev.weir.filter.admin.AdminAnswers.answer;

import dev.weir.LimitAdmin;
import dev.weir.Policy;
import dev.weir.UnknownPolicyException;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows and changes what is set at run time for clients under a policy, for all instances. A client is named in the
 * path, or, where its id has characters that no path takes, by {@code ?client=}. An address in the path means the
 * client that has it, whose id is its network for IPv6; the query means the id as it is.
 */
final class AdminClients {

    private static final Set<String> CLIENT = Set.of("weight", "limit", "periodMillis", "split", "total", "plan");

    private final RateLimits rateLimits;
    private final LimitAdmin limits;

    AdminClients(RateLimits rateLimits) {
        this.rateLimits = rateLimits;
        this.limits = rateLimits.weir().limits();
    }

    List<AdminRoute> routes() {
        return List.of(
                AdminRoute.to("policies/{policy}/clients")
                        .on("GET", this::list)
                        .on("PUT", request -> change(request, inQuery(request)))
                        .on("DELETE", request -> reset(policy(request), inQuery(request))),
                AdminRoute.to("policies/{policy}/clients/{client}")
                        .on("GET", request -> find(policy(request), inPath(request)))
                        .on("PUT", request -> change(request, inPath(request)))
                        .on("DELETE", request -> reset(policy(request), inPath(request))));
    }

    private static String policy(AdminRequest request) {
        return request.parameter("policy");
    }

    private static String inPath(AdminRequest request) {
        return AdminIds.client(AdminIds.inPath("client", request.parameter("client")));
    }

    private static String inQuery(AdminRequest request) {
        return AdminIds.inQuery("client", request.query("client"));
    }

    /**
     * The clients for which something is set under a policy, or that were put on a plan, a page at a time; or the one
     * that {@code client} names. A page may have fewer entries than it could, as long as there is a next one. Under a
     * policy that is gone, only those clients are listed for which something is set under it.
     */
    private AdminAnswer list(AdminRequest request) {
        String policy = policy(request);
        if (request.query("client") != null) {
            return find(policy, inQuery(request));
        }
        String from = request.query("from");
        int entries = AdminAnswers.most(request.query("most"));
        return answer(() -> {
            Page page = AdminAnswers.list(limits, Subject.Kind.CLIENT, from, entries);
            List<Map<String, Object>> clients = clients(policy, page);
            boolean isAll = (from == null || from.isEmpty()) && page.next().isEmpty();
            if (isAll && clients.isEmpty()) {
                rateLimits.weir().policy(policy); // Nothing is known of it, unless it exists.
            }
            return AdminAnswers.page("clients", clients, page);
        });
    }

    private List<Map<String, Object>> clients(String policy, Page page) {
        boolean exists = rateLimits.weir().policies().containsKey(policy);
        List<Map<String, Object>> clients = new ArrayList<>();
        page.entries().forEach(entry -> {
            Overrides set = entry.getValue();
            boolean isOnPlan = exists && set.plan() != null;
            if (isOnPlan || !set.of(policy).equals(Terms.NONE)) {
                clients.add(client(policy, entry.getKey(), set));
            }
        });
        return clients;
    }

    /**
     * What was set for a client under a policy. {@code leftOut} says what of it does not hold now, and why; a policy
     * that is gone is shown as long as something is set under it.
     */
    private AdminAnswer find(String policy, String client) {
        return answer(() -> {
            Overrides overrides = limits.find(client);
            requireKnown(policy, overrides);
            return AdminAnswer.ok(client(policy, client, overrides));
        });
    }

    /**
     * Sets what the body names: {@code weight}, {@code limit} with {@code periodMillis}, {@code split} with
     * {@code total}, {@code plan}; a null takes it away, limit and period together. The rest stays.
     */
    private AdminAnswer change(AdminRequest request, String client) {
        String policy = policy(request);
        AdminBody body = request.body(CLIENT);
        Optional<Long> weight = body.whole("weight", 0, largestWeight(policy));
        Optional<Long> permits = permits(body);
        Optional<Duration> period = body.whole("periodMillis", 1).map(AdminClients::period);
        Optional<Split> split = body.split("split");
        Optional<String> plan = body.text("plan");
        return answer(body, () -> {
            Limit ofPolicy = rateLimits.weir().policy(policy).limit();
            limits.change(client, before -> {
                Terms terms = before.of(policy);
                Terms next = new Terms(
                        rate(body, terms.rate(), permits, period, ofPolicy),
                        body.has("weight") ? weight.orElse(null) : terms.weight(),
                        body.has("split") ? split.orElse(null) : terms.split());
                Overrides after = before.with(policy, next);
                return body.has("plan") ? after.withPlan(plan.orElse(null)) : after;
            });
            return AdminAnswer.ok(client(policy, client, limits.find(client)));
        });
    }

    private long largestWeight(String policy) {
        Policy known = rateLimits.weir().policies().get(policy);
        return known == null || known.pool() == null ? Limit.EXACT : Pool.MAX_WEIGHT;
    }

    private static Optional<Long> permits(AdminBody body) {
        Optional<Long> limit = body.whole("limit", 1);
        Optional<Long> total = body.whole("total", 1);
        if (limit.isPresent() && total.isPresent() && !limit.equals(total)) {
            throw AdminBody.wrong("total", "is the limit of a split client; it must not differ from 'limit'");
        }
        return limit.isPresent() ? limit : total;
    }

    private static Duration period(long millis) {
        if (millis > Limit.MAX_PERIOD.toMillis()) {
            throw AdminBody.wrong("periodMillis", "must be at most %d".formatted(Limit.MAX_PERIOD.toMillis()));
        }
        return Duration.ofMillis(millis);
    }

    /**
     * Limit and period are one setting: a null for one takes both away, unless the other comes with a number. As in
     * configuration, what is then left out is the policy's, but a limit is its own burst.
     */
    private static @Nullable Rate rate(
            AdminBody body, @Nullable Rate before, Optional<Long> permits, Optional<Duration> period, Limit ofPolicy) {
        boolean namesLimit = body.has("limit") || body.has("total");
        boolean namesPeriod = body.has("periodMillis");
        if (!namesLimit && !namesPeriod) {
            return before;
        }
        if (permits.isEmpty() && period.isEmpty()) {
            return null;
        }
        Rate policys = new Rate(ofPolicy.permits(), ofPolicy.period(), ofPolicy.capacity());
        Rate staying = before == null ? policys : before;
        Rate limit = permits.map(number -> Rate.of(number, ofPolicy.period())).orElse(namesLimit ? policys : staying);
        return new Rate(
                limit.permits(), period.orElse(namesPeriod ? policys.period() : staying.period()), limit.burst());
    }

    /** Takes everything away that was set for a client under a policy, and its plan. */
    private AdminAnswer reset(String policy, String client) {
        return answer(() -> {
            limits.change(client, before -> {
                requireKnown(policy, before);
                return before.with(policy, Terms.NONE).withPlan(null);
            });
            return AdminAnswer.NO_CONTENT;
        });
    }

    /** A policy that is gone is known as long as something is set under it, so that it can be taken away. */
    private void requireKnown(String policy, Overrides overrides) {
        if (overrides.of(policy).equals(Terms.NONE)) {
            rateLimits.weir().policy(policy);
        }
    }

    private @Nullable String leftOut(String policy, String client, Overrides overrides) {
        try {
            return limits.leftOut(policy, client, overrides).orElse(null);
        } catch (UnknownPolicyException gone) {
            return "there is no policy '%s' any more".formatted(policy);
        }
    }

    private Map<String, Object> client(String policy, String client, Overrides overrides) {
        Terms terms = overrides.of(policy);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("policy", policy);
        fields.put("client", client);
        fields.put("weight", terms.weight());
        fields.put("limit", terms.rate() == null ? null : terms.rate().permits());
        fields.put(
                "periodMillis",
                terms.rate() == null ? null : terms.rate().period().toMillis());
        fields.put("split", terms.split() == null ? null : terms.split().percents());
        fields.put(
                "total",
                terms.split() == null || terms.rate() == null
                        ? null
                        : terms.rate().permits());
        fields.put("plan", overrides.plan());
        fields.put("leftOut", leftOut(policy, client, overrides));
        fields.put("version", overrides.version());
        return fields;
    }
}
