package dev.weir;

import dev.weir.limit.Names;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What differs from a {@link Policy}'s limit for some requests: by client, by the client's plan and by action.
 * Immutable. A policy's own methods make one:
 *
 * <pre>{@code
 * Policy search = Policy.of("search", Limit.tokenBucket(100, Duration.ofSeconds(1)))
 *         .plan("gold", Terms.weight(5))
 *         .client("alice", "gold")
 *         .client("bob", Terms.rate(Rate.of(3, Duration.ofSeconds(1))));
 * }</pre>
 *
 * @param all weight and split of clients for which nothing else is configured
 * @param actions actions with numbers of their own, by name: 1 to 64 letters, digits, {@code .}, {@code -} and
 *     {@code _}
 * @param plans what differs for all clients of a plan, by the plan's name, which is spelled as an action's
 * @param clients what differs for single clients, by id
 * @param planOf which client is on which plan, by the client's id
 * @param minimum the permits per period, and at once, of clients of weight 0, but not more than the limit in force has:
 *     0 for none. Beside a pool it is 0: a pool has a minimum of its own
 */
public record ClientTerms(
        Terms all,
        Map<String, Rate> actions,
        Map<String, Terms> plans,
        Map<String, Terms> clients,
        Map<String, String> planOf,
        long minimum) {

    /** Nothing differs for any client. */
    public static final ClientTerms NONE = new ClientTerms(Terms.NONE, Map.of(), Map.of(), Map.of(), Map.of(), 0);

    /** @throws IllegalArgumentException if the name of an action or a plan is not as described */
    public ClientTerms {
        actions.keySet().forEach(Names::requirePartName);
        plans.keySet().forEach(Names::requirePartName);
        actions = Map.copyOf(actions);
        plans = Map.copyOf(plans);
        clients = Map.copyOf(withSharedTerms(clients));
        planOf = Map.copyOf(planOf);
    }

    /** Equal terms are one object, so that limits are resolved once for all clients that have them. */
    private static Map<String, Terms> withSharedTerms(Map<String, Terms> clients) {
        Map<Terms, Terms> known = new HashMap<>();
        Map<String, Terms> shared = new HashMap<>();
        clients.forEach((client, own) -> {
            Terms same = known.putIfAbsent(own, own);
            shared.put(client, same == null ? own : same);
        });
        return shared;
    }

    ClientTerms withAll(Terms other) {
        return new ClientTerms(other, actions, plans, clients, planOf, minimum);
    }

    ClientTerms withAction(String action, Rate rate) {
        return new ClientTerms(all, with(actions, action, rate), plans, clients, planOf, minimum);
    }

    ClientTerms withPlan(String plan, Terms terms) {
        return new ClientTerms(all, actions, with(plans, plan, terms), clients, planOf, minimum);
    }

    ClientTerms withClient(String client, Terms terms) {
        return new ClientTerms(all, actions, plans, with(clients, client, terms), planOf, minimum);
    }

    ClientTerms withPlanOf(String client, String plan) {
        return new ClientTerms(all, actions, plans, clients, with(planOf, client, plan), minimum);
    }

    ClientTerms withMinimum(long permits) {
        return new ClientTerms(all, actions, plans, clients, planOf, permits);
    }

    private static <V> Map<String, V> with(Map<String, V> map, String key, V value) {
        Map<String, V> more = new HashMap<>(map);
        more.put(key, value);
        return more;
    }

    /** Whether no client and no action differs. */
    boolean isPlain() {
        return all == Terms.NONE && actions.isEmpty() && plans.isEmpty() && clients.isEmpty();
    }

    /** The rates that may replace that of the policy's limit. */
    Stream<Rate> rates() {
        return Stream.of(actions.values().stream(), rates(plans), rates(clients))
                .flatMap(some -> some);
    }

    private static Stream<Rate> rates(Map<String, Terms> terms) {
        return terms.values().stream().flatMap(some -> Stream.ofNullable(some.rate()));
    }

    Terms ofClient(String client) {
        return clients.getOrDefault(client, Terms.NONE);
    }

    Terms ofPlan(String client, Overrides overrides) {
        String plan = overrides.plan() == null ? planOf.get(client) : overrides.plan();
        return plan == null ? Terms.NONE : plans.getOrDefault(plan, Terms.NONE);
    }

    /** The numbers of an action, if it has its own. */
    @Nullable Rate ofAction(@Nullable String action) {
        return action == null ? null : actions.get(action);
    }
}
