package dev.weir.filter.config;

import dev.weir.Behaviour;
import dev.weir.ClientTerms;
import dev.weir.Policy;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.limit.TokenBucket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles what differs from the numbers of policies: for clients, plans and actions.
 *
 * <p>Every combination that a request can meet is computed here once, so that none fails when the request comes.
 */
final class PolicyTerms {

    private static final String COUNTABLE = "numbers that can be counted in whole numbers up to " + Limit.EXACT;
    private static final String CLIENT_IDS = "1 to %d bytes in UTF-8".formatted(Names.MAX_ID_BYTES);

    private final Values values;
    private final ConfigProblems problems;
    private final ConfigProblems warnings;
    private final List<KeyName> keys;
    private final Map<String, Set<String>> clients;
    private final Map<String, Set<String>> plans;
    private final Map<String, Set<String>> actions;
    private final Map<String, String> planOf;

    /** @param warnings what works, but perhaps not as meant */
    PolicyTerms(Values values, ConfigProblems problems, ConfigProblems warnings) {
        this.values = values;
        this.problems = problems;
        this.warnings = warnings;
        keys = values.given().values().keySet().stream()
                .flatMap(key -> KeyName.parse(key).stream())
                .toList();
        clients =
                named(Stream.concat(ConfigKeys.RATE_OF_CLIENT.all(), ConfigKeys.SHARE_OF_CLIENT.all()), this::isClient);
        plans = named(
                Stream.concat(ConfigKeys.RATE_OF_PLAN.all(), ConfigKeys.SHARE_OF_PLAN.all()),
                name -> isName("a plan's", name));
        actions = named(ConfigKeys.RATE_OF_ACTION.all(), name -> isName("an action's", name));
        planOf = planOf();
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
        return allowed(ConfigKeys.NAME.matcher(name).matches(), name, whose + " name", ConfigKeys.NAMES);
    }

    private boolean isClient(String id) {
        int bytes = id.getBytes(StandardCharsets.UTF_8).length;
        return allowed(bytes <= Names.MAX_ID_BYTES, id, "a client's id", CLIENT_IDS);
    }

    private boolean allowed(boolean allowed, String name, String what, String range) {
        if (!allowed) {
            problems.add(() -> "'%s' (in a key of weir.) cannot be %s; allowed: %s"
                    .formatted(ConfigProblems.shown(name), what, range));
        }
        return allowed;
    }

    private Map<String, String> planOf() {
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
                // Not passed over: the client would silently get less than what it was promised.
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

    /** A policy with everything that differs from its own numbers. */
    Policy complete(Policy plain) {
        String name = plain.name();
        Limit limit = plain.limit();
        Map<String, Rate> rates = new TreeMap<>();
        for (String action : names(actions, name)) {
            rate(ConfigKeys.RATE_OF_ACTION, limit, name, action).ifPresent(rate -> rates.put(action, rate));
        }
        Map<String, Terms> ofPlans = new TreeMap<>();
        for (String plan : names(plans, name)) {
            Optional<Rate> rate = rate(ConfigKeys.RATE_OF_PLAN, limit, name, plan);
            ofPlans.put(plan, terms(rate, ConfigKeys.SHARE_OF_PLAN, plain.pool(), name, plan));
        }
        Map<String, Terms> ofClients = new TreeMap<>();
        for (String client : names(clients, name)) {
            Optional<Rate> rate = rate(ConfigKeys.RATE_OF_CLIENT, limit, name, client);
            ofClients.put(client, terms(rate, ConfigKeys.SHARE_OF_CLIENT, plain.pool(), name, client));
        }
        ClientTerms terms = new ClientTerms(
                terms(Optional.empty(), ConfigKeys.SHARE, plain.pool(), name),
                rates,
                ofPlans,
                ofClients,
                ofPlans.isEmpty() ? Map.of() : planOf,
                0);
        Behaviour behaviour = new Behaviour(
                plain.behaviour().onStoreFailure(),
                values.orDefault(ConfigKeys.SHADOW, name),
                values.orDefault(ConfigKeys.MAX_AGE, name),
                values.orDefault(ConfigKeys.MAX_SKEW, name),
                maxDelay(name));
        Policy policy = withMinimum(plain.with(terms).with(behaviour));
        new Check(policy).all();
        return policy;
    }

    private Policy withMinimum(Policy policy) {
        long minimum = values.orDefault(ConfigKeys.MINIMUM, policy.name());
        KeyName key = ConfigKeys.MINIMUM.pattern().with(policy.name());
        if (minimum > 0 && policy.pool() != null) {
            values.refuse(
                    key,
                    "policy '%s' shares pool '%s', which has a minimum of its own"
                            .formatted(policy.name(), policy.pool().name()),
                    "0, or no value at all");
            return policy;
        }
        if (minimum > policy.limit().permits()) {
            warnings.add(() -> "%s = '%d': above the limit of %d, which clients of weight 0 have then"
                    .formatted(key, minimum, policy.limit().permits()));
        }
        try {
            return policy.minimum(minimum);
        } catch (IllegalArgumentException e) {
            values.refuse(key, String.valueOf(e.getMessage()), COUNTABLE);
            return policy;
        }
    }

    /** Not refused without a delay: a file that is laid over the policy may turn just that off. */
    private Duration maxDelay(String policy) {
        Duration maxDelay = values.orDefault(ConfigKeys.MAX_DELAY, policy);
        return values.orDefault(ConfigKeys.AT_LIMIT, policy) == AtLimit.DELAY ? maxDelay : Duration.ZERO;
    }

    private static Set<String> names(Map<String, Set<String>> byPolicy, String policy) {
        return byPolicy.getOrDefault(policy, Set.of());
    }

    private Terms terms(Optional<Rate> rate, ShareKeys shareKeys, @Nullable Pool pool, String... names) {
        Optional<Long> weight = values.value(shareKeys.weight(pool), names);
        Optional<Split> split = values.value(shareKeys.split(), names);
        if (pool != null && split.isPresent()) {
            values.refuse(
                    shareKeys.split().pattern().with(names),
                    "policy '%s' shares pool '%s', and a limit beside a pool cannot be split"
                            .formatted(names[0], pool.name()),
                    "no value at all");
            split = Optional.empty();
        }
        return rate.isEmpty() && weight.isEmpty() && split.isEmpty()
                ? Terms.NONE
                : new Terms(rate.orElse(null), weight.orElse(null), split.orElse(null));
    }

    /** Limit, period and burst hold together: what is not given is the policy's, but a limit brings its own burst. */
    private Optional<Rate> rate(RateKeys rateKeys, Limit ofPolicy, String... names) {
        Optional<Long> permits = values.value(rateKeys.limit(), names);
        Optional<Duration> period = values.value(rateKeys.period(), names);
        Optional<Long> burst = values.value(rateKeys.burst(), names);
        if (burst.isPresent() && !(ofPolicy instanceof TokenBucket)) {
            values.refuse(
                    rateKeys.burst().pattern().with(names),
                    "a %s has no burst".formatted(ofPolicy.algorithm()),
                    "no value at all");
            return Optional.empty();
        }
        if (permits.isEmpty() && period.isEmpty() && burst.isEmpty()) {
            return Optional.empty();
        }
        try {
            long limit = permits.orElse(ofPolicy.permits());
            Rate rate = new Rate(
                    limit,
                    period.orElse(ofPolicy.period()),
                    burst.orElse(permits.isPresent() ? limit : ofPolicy.capacity()));
            Limit.of(ofPolicy.algorithm(), rate);
            return Optional.of(rate);
        } catch (IllegalArgumentException e) {
            refuse(List.of(rateKeys.burst(), rateKeys.limit(), rateKeys.period()), e, names);
            return Optional.empty();
        }
    }

    /** The first of the keys that is given is to blame. */
    private void refuse(List<? extends Key<?>> blamed, IllegalArgumentException why, String... names) {
        blamed.stream()
                .filter(key -> values.isGiven(key, names))
                .findFirst()
                .ifPresent(
                        key -> values.refuse(key.pattern().with(names), String.valueOf(why.getMessage()), COUNTABLE));
    }

    /** Computes every limit that a request under a policy can meet. */
    private final class Check {

        private final Policy policy;
        private final Set<Terms> checked = new HashSet<>();

        Check(Policy policy) {
            this.policy = policy;
        }

        /** Where the policy alone is wrong, so are most that inherit from it: that is reported once. */
        void all() {
            List<Key<?>> own = List.of(ConfigKeys.SHARE.weight(), ConfigKeys.SHARE.split());
            if (!passes(Terms.NONE, own, policy.name())) {
                return;
            }
            policy.terms().plans().forEach((plan, terms) -> {
                passes(terms, blamed(ConfigKeys.RATE_OF_PLAN, ConfigKeys.SHARE_OF_PLAN), policy.name(), plan);
            });
            policy.terms().clients().forEach((client, terms) -> {
                Terms ofPlan = policy.terms().plans().getOrDefault(planOf.getOrDefault(client, ""), Terms.NONE);
                passes(
                        terms.over(ofPlan),
                        blamed(ConfigKeys.RATE_OF_CLIENT, ConfigKeys.SHARE_OF_CLIENT),
                        policy.name(),
                        client);
            });
        }

        private static List<Key<?>> blamed(RateKeys rate, ShareKeys share) {
            List<Key<?>> keys = new ArrayList<>(share.all().toList());
            keys.addAll(List.of(rate.burst(), rate.limit(), rate.period()));
            return keys;
        }

        private boolean passes(Terms terms, List<Key<?>> blamed, String... names) {
            if (!checked.add(terms)) {
                return true;
            }
            try {
                warnOfNothing(policy.limits(terms, null), blamed, names);
            } catch (IllegalArgumentException e) {
                refuse(blamed, e, names);
                return false;
            }
            for (String action : policy.terms().actions().keySet()) {
                try {
                    policy.limits(terms, action);
                } catch (IllegalArgumentException e) {
                    refuse(blamed, e, names);
                    return false;
                }
            }
            return true;
        }

        private void warnOfNothing(List<Optional<Limit>> parts, List<Key<?>> blamed, String... names) {
            boolean someHave = parts.stream().anyMatch(Optional::isPresent);
            for (int part = 0; part < parts.size() && someHave; part++) {
                if (parts.get(part).isEmpty()) {
                    warn(part, first(blamed, names), names);
                }
            }
        }

        private @Nullable Key<?> first(List<Key<?>> blamed, String... names) {
            return blamed.stream()
                    .filter(key -> values.isGiven(key, names))
                    .max((one, other) -> Boolean.compare(isSplit(one), isSplit(other)))
                    .orElse(null);
        }

        private static boolean isSplit(Key<?> key) {
            return key.pattern().segments().contains("split");
        }

        private void warn(int part, @Nullable Key<?> key, String... names) {
            if (key != null) {
                KeyName full = key.pattern().with(names);
                warnings.add(() -> "%s = '%s': sub-bucket %d gets no permit of the limit, and permits nothing"
                        .formatted(
                                full,
                                values.given()
                                        .value(full)
                                        .map(ConfigSnapshot.Value::text)
                                        .orElse(""),
                                part));
            }
        }
    }
}
