package dev.weir.filter.config;

import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.filter.client.ClientIds;
import dev.weir.lease.Leasing;
import dev.weir.limit.Algorithm;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.SlidingLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A configuration, compiled: all that requests and the start need, without a string to read any more. Immutable.
 *
 * @param store the name of the store
 * @param storeSettings what is said for the store's own keys
 * @param instanceId this instance's id, if it is not to be random
 * @param storeDeadline the longest that a request waits for the store
 * @param localClients of how many clients it is remembered what a shared store has left them
 * @param minInstances by how many instances limits are divided at least while the store is away
 * @param leasing whether permits of a shared store are taken in advance
 * @param policies by name
 * @param sources where what is said of a policy or a pool comes from, by what its keys begin with:
 * {@code weir.policy.search}
 * @param http what concerns HTTP
 * @param reloadInterval how often sources are looked at
 * @param warnings what works, but perhaps not as meant
 */
public record Settings(
        String store,
        Map<String, String> storeSettings,
        Optional<String> instanceId,
        Duration storeDeadline,
        int localClients,
        int minInstances,
        Leasing leasing,
        Map<String, Policy> policies,
        Map<String, Set<String>> sources,
        HttpSettings http,
        Duration reloadInterval,
        List<String> warnings) {

    public Settings {
        storeSettings = Map.copyOf(storeSettings);
        policies = Map.copyOf(policies);
        sources = Map.copyOf(sources);
        warnings = List.copyOf(warnings);
    }

    /** Compiles what is given. The result may be used only if there are no problems. */
    public static Settings compile(ConfigSnapshot given, Stores stores, ConfigProblems problems) {
        return new Compiler(given, stores, problems).compile();
    }

    /** The numbers of a policy's own limit. */
    private record Numbers(Optional<Long> permits, Duration period, Optional<Long> burst, Algorithm algorithm) {

        Optional<Rate> rate() {
            return permits.map(limit -> new Rate(limit, period, burst.orElse(limit)));
        }
    }

    /** Goes on after each problem, with the default in place of what is wrong, so that one run finds them all. */
    private static final class Compiler {

        private final ConfigSnapshot given;
        private final Stores stores;
        private final ConfigProblems problems;
        private final ConfigProblems warnings = new ConfigProblems();
        private final Values values;

        Compiler(ConfigSnapshot given, Stores stores, ConfigProblems problems) {
            this.values = new Values(given, problems);
            this.given = given;
            this.stores = stores;
            this.problems = problems;
        }

        Settings compile() {
            problems.addAll(given.problems());
            value(ConfigKeys.CONFIG_FILE); // Long in use; only to report if it cannot be a path.
            String store = store();
            return new Settings(
                    store,
                    stores.settings(store, given),
                    value(ConfigKeys.INSTANCE_ID),
                    orDefault(ConfigKeys.STORE_DEADLINE),
                    orDefault(ConfigKeys.LOCAL_CLIENTS).intValue(),
                    orDefault(ConfigKeys.INSTANCES_MIN).intValue(),
                    orDefault(ConfigKeys.LEASES),
                    policies(),
                    sources(),
                    http(),
                    orDefault(ConfigKeys.RELOAD_INTERVAL),
                    warnings.list());
        }

        private String store() {
            String store = orDefault(ConfigKeys.STORE);
            if (!stores.names().contains(store)) {
                values.refuse(
                        ConfigKeys.STORE.pattern(),
                        "no such store on the class path",
                        String.join(", ", stores.names()));
            }
            return store;
        }

        private HttpSettings http() {
            String clientId = orDefault(ConfigKeys.CLIENT_ID);
            String proxies = value(ConfigKeys.TRUSTED_PROXIES).orElse("");
            return new HttpSettings(
                    ClientIds.parse(clientId, proxies, orDefault(ConfigKeys.FORWARDED_HEADER)),
                    orDefault(ConfigKeys.HEADERS),
                    new AdminAccess(value(ConfigKeys.ADMIN_TOKEN), value(ConfigKeys.ADMIN_ROLE)));
        }

        private Map<String, Policy> policies() {
            Map<String, Policy> policies = new TreeMap<>();
            Set<String> names = policyNames();
            PolicyTerms terms = new PolicyTerms(values, problems, warnings);
            Pools pools = new Pools(values, problems, warnings);
            for (String name : names) {
                if (name.equals(Names.BUCKET)) {
                    problems.add(() -> ("'%s' (in a key of weir.policy) cannot be a policy's name: decisions on named"
                                    + " buckets report it as their policy; allowed: any other name")
                            .formatted(name));
                } else if (Names.isPolicyName(name)) {
                    policy(name, names, pools).map(terms::complete).ifPresent(policy -> policies.put(name, policy));
                } else {
                    problems.add(() -> "'%s' (in a key of weir.policy) cannot be a policy's name; allowed: %s"
                            .formatted(ConfigProblems.shown(name), ConfigKeys.POLICY_NAME));
                }
            }
            pools.checkWeights(policies.values());
            pools.warnOfUnshared();
            return policies;
        }

        private Map<String, Set<String>> sources() {
            Map<String, Set<String>> sources = new HashMap<>();
            given.values()
                    .forEach((key, value) -> KeyName.parse(key)
                            .flatMap(ConfigKeys::owner)
                            .ifPresent(owner -> sources.computeIfAbsent(owner.toString(), none -> new TreeSet<>())
                                    .add(value.source())));
            return sources;
        }

        private Set<String> policyNames() {
            Set<String> names = new TreeSet<>();
            for (String key : given.values().keySet()) {
                KeyName.parse(key).flatMap(ConfigKeys::policy).ifPresent(names::add);
            }
            value(ConfigKeys.POLICIES).ifPresent(names::addAll);
            return names;
        }

        private Optional<Policy> policy(String name, Set<String> names, Pools pools) {
            Optional<Pool> pool = pools.of(name);
            Numbers numbers = numbers(name);
            OnStoreFailure onStoreFailure = orDefault(ConfigKeys.ON_STORE_FAILURE, name);
            if (!values.isGiven(ConfigKeys.LIMIT, name)) {
                if (values.isGiven(ConfigKeys.POOL, name)) {
                    pools.refuseWithoutLimit(name);
                    return pool.map(shared -> Policy.sharing(name, shared).onStoreFailure(onStoreFailure));
                }
                problems.add(() -> "%s is not set, and policy '%s' cannot be without it; allowed: %s%s"
                        .formatted(
                                ConfigKeys.LIMIT.pattern().with(name),
                                name,
                                ConfigKeys.LIMIT.kind().range(),
                                nearestWithLimit(name, names)));
            }
            return limit(name, numbers).map(own -> {
                Policy policy = Policy.of(name, own).onStoreFailure(onStoreFailure);
                return pool.map(policy::in).orElse(policy);
            });
        }

        private Numbers numbers(String policy) {
            return new Numbers(
                    value(ConfigKeys.LIMIT, policy),
                    orDefault(ConfigKeys.PERIOD, policy),
                    value(ConfigKeys.BURST, policy),
                    orDefault(ConfigKeys.ALGORITHM, policy));
        }

        /** The policy's own limit, if its keys make one. */
        private Optional<Limit> limit(String policy, Numbers numbers) {
            Algorithm algorithm = numbers.algorithm();
            KeyName burstKey = ConfigKeys.BURST.pattern().with(policy);
            if (algorithm != Algorithm.TOKEN_BUCKET && algorithm != Algorithm.LEAKY_BUCKET) {
                values.refuse(
                        burstKey,
                        "a %s has no burst".formatted(algorithm),
                        "no value at all; a burst is for token-bucket and leaky-bucket");
            }
            try {
                return numbers.rate().map(rate -> Limit.of(algorithm, rate));
            } catch (IllegalArgumentException e) {
                values.refuse(
                        numbers.burst().isPresent()
                                ? burstKey
                                : ConfigKeys.LIMIT.pattern().with(policy),
                        String.valueOf(e.getMessage()),
                        allowed(algorithm));
                return Optional.empty();
            }
        }

        private static String allowed(Algorithm algorithm) {
            return algorithm == Algorithm.SLIDING_LOG
                    ? "1 to " + SlidingLog.MAX_PERMITS
                    : "a limit that can be counted in whole numbers up to " + Limit.EXACT;
        }

        /** A policy that lacks its limit is often only a policy whose name is misspelt once. */
        private String nearestWithLimit(String name, Set<String> names) {
            Set<String> complete = new TreeSet<>(names);
            complete.removeIf(
                    other -> given.value(ConfigKeys.LIMIT.pattern().with(other)).isEmpty());
            return KeyCatalog.nearest(name, complete)
                    .map(" (the nearest policy with a limit is '%s')"::formatted)
                    .orElse("");
        }

        private <T> T orDefault(Key<T> key, String... name) {
            return values.orDefault(key, name);
        }

        private <T> Optional<T> value(Key<T> key, String... name) {
            return values.value(key, name);
        }
    }
}
