package dev.weir.filter.config;

import dev.weir.limit.Names;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The clients, plans and actions that keys name, by policy, and the plans that clients are on. */
final class TermNames {

    private static final String CLIENT_IDS = "1 to %d bytes in UTF-8".formatted(Names.MAX_ID_BYTES);

    private final Values values;
    private final ConfigProblems problems;
    private final List<KeyName> keys;
    private final Map<String, Set<String>> clients;
    private final Map<String, Set<String>> plans;
    private final Map<String, Set<String>> actions;
    private final Map<String, String> planOf;

    TermNames(Values values, ConfigProblems problems) {
        this.values = values;
        this.problems = problems;
        keys = values.given().values().keySet().stream()
                .flatMap(key -> KeyName.parse(key).stream())
                .toList();
        clients =
                named(Stream.concat(ConfigKeys.RATE_OF_CLIENT.all(), ConfigKeys.SHARE_OF_CLIENT.all()), this::isClient);
        plans = named(
                Stream.concat(ConfigKeys.RATE_OF_PLAN.all(), ConfigKeys.SHARE_OF_PLAN.all()),
                name -> isName("a plan's", name));
        actions = named(ConfigKeys.RATE_OF_ACTION.all(), name -> isName("an action's", name));
        planOf = findPlans();
    }

    /** The clients that keys of a policy name. */
    Set<String> clients(String policy) {
        return clients.getOrDefault(policy, Set.of());
    }

    Set<String> plans(String policy) {
        return plans.getOrDefault(policy, Set.of());
    }

    Set<String> actions(String policy) {
        return actions.getOrDefault(policy, Set.of());
    }

    /** The plans of clients, which hold under all policies. */
    Map<String, String> planOf() {
        return planOf;
    }

    /** The second names in keys of these patterns, by the first, which is a policy's. */
    private Map<String, Set<String>> named(Stream<Key<?>> patterns, Predicate<String> allowed) {
        List<KeyName> followed = patterns.map(Key::pattern).toList();
        Map<String, Set<String>> names = new HashMap<>();
        Map<String, Boolean> judged = new HashMap<>();
        for (KeyName key : keys) {
            if (followed.stream().anyMatch(key::matches)) {
                List<String> both = key.names(followed.get(0));
                if (judged.computeIfAbsent(both.get(1), allowed::test)) {
                    names.computeIfAbsent(both.get(0), policy -> new TreeSet<>())
                            .add(both.get(1));
                }
            }
        }
        return names;
    }

    private boolean isName(String whose, String name) {
        return allowed(Names.isPartName(name), name, whose + " name", ConfigKeys.NAMES);
    }

    private boolean isClient(String id) {
        return allowed(Names.isId(id), id, "a client's id", CLIENT_IDS);
    }

    private boolean allowed(boolean allowed, String name, String what, String range) {
        if (!allowed) {
            problems.add(() -> "'%s' (in a key of weir.) cannot be %s; allowed: %s"
                    .formatted(ConfigProblems.shown(name), what, range));
        }
        return allowed;
    }

    private Map<String, String> findPlans() {
        Set<String> known = new TreeSet<>();
        plans.values().forEach(known::addAll);
        Map<String, String> planOf = new TreeMap<>();
        for (KeyName key : keys) {
            if (!key.matches(ConfigKeys.PLAN_OF_CLIENT.pattern())) {
                continue;
            }
            String client = key.names(ConfigKeys.PLAN_OF_CLIENT.pattern()).get(0);
            Optional<String> plan =
                    values.value(ConfigKeys.PLAN_OF_CLIENT, client).filter(name -> isClient(client));
            if (plan.isPresent() && !known.contains(plan.get())) {
                // Not ignored: the client would get less than what it was promised, and no message would say so.
                values.refuse(
                        key,
                        "no policy has a plan of that name",
                        known.isEmpty() ? "nothing, for no policy has a plan" : String.join(", ", known));
            } else {
                plan.ifPresent(name -> planOf.put(client, name));
            }
        }
        return Map.copyOf(planOf);
    }
}
