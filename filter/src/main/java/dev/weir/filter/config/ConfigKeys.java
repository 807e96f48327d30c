package dev.weir.filter.config;

import dev.weir.OnStoreFailure;
import dev.weir.WeirBuilder;
import dev.weir.filter.client.ClientIds;
import dev.weir.lease.Leasing;
import dev.weir.limit.Algorithm;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Pool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The table of keys. Reading, checking, nearest keys and the page {@code docs/configuration.md} all follow it. */
public final class ConfigKeys {

    /** What every key begins with. */
    static final String PREFIX = "weir.";

    /** {@link Names#isPolicyName The names of policies and pools}, in words. */
    static final String POLICY_NAME = "1 to 64 letters, digits, - and _, starting with a letter or digit";

    private static final String POLICY_NAMES = POLICY_NAME + "; commas between";

    /** {@link Names#isPartName The names of plans and actions}, in words. */
    public static final String NAMES = "1 to 64 letters, digits, ., - and _, starting with a letter or digit";

    private static final String PROXIES = "addresses and CIDR blocks; commas between";

    static final Key<String> STORE = Key.of(
                    "weir.store",
                    ValueType.text(
                            "name",
                            "memory, or the name of a store on the class path",
                            Pattern.compile(".+").asMatchPredicate()),
                    "memory",
                    "Where usage lives.")
            .atStart();
    static final Key<String> INSTANCE_ID = Key.open(
                    "weir.instance-id",
                    ValueType.text(
                            "text",
                            "1 to 64 letters, digits, ., _, : and -",
                            Pattern.compile("[A-Za-z0-9._:-]{1,64}").asMatchPredicate()),
                    "random",
                    "The id of this instance among those that share the store; no two may have the same.")
            .atStart();
    static final Key<Duration> STORE_DEADLINE = Key.of(
                    "weir.store-deadline",
                    ValueType.duration("1ms", "1m"),
                    "50ms",
                    "The longest that a request waits for the store, with all that it asks.")
            .atStart();
    static final Key<Long> LOCAL_CLIENTS = Key.of(
                    "weir.local-clients",
                    ValueType.wholeNumber("clients", WeirBuilder.FEWEST_LOCAL_CLIENTS, WeirBuilder.MOST_LOCAL_CLIENTS),
                    Integer.toString(WeirBuilder.DEFAULT_LOCAL_CLIENTS),
                    "Of how many clients, times policies, an instance remembers what a shared store has left them, for when it does"
                            + " not answer; each takes about 150 bytes. Those that have used the fewest permits are forgotten first.")
            .atStart();
    static final Key<Long> INSTANCES_MIN = Key.of(
            "weir.instances.min",
            ValueType.wholeNumber("instances", 1, WeirBuilder.MOST_MIN_INSTANCES),
            "1",
            "By how many instances limits are divided at least while the store is away, even if fewer are counted.");
    static final Key<Leasing> LEASES = Key.of(
                    "weir.leases",
                    ValueType.oneOf(Leasing.class),
                    "fast",
                    "Whether permits of a shared store are taken in advance, under limits large enough: fast; exact, with a clock"
                            + " read for each request; or off.")
            .atStart();
    static final Key<String> CLIENT_ID = Key.of(
            "weir.client-id",
            ValueType.checked(
                    "list of resolvers",
                    "principal, address, header:NAME, cookie:NAME, class:NAME; commas between",
                    text -> ClientIds.parse(text, "", "X-Forwarded-For")),
            "principal, address",
            "Who a request's client is: the first that can tell.");
    static final Key<String> TRUSTED_PROXIES = Key.open(
            "weir.trusted-proxies",
            ValueType.checked(
                    "list of addresses", PROXIES, text -> ClientIds.parse("address", text, "X-Forwarded-For")),
            "none",
            "Whose word about a client's address is believed.");
    static final Key<String> FORWARDED_HEADER = Key.of(
            "weir.forwarded-header",
            ValueType.checked("choice", "X-Forwarded-For, Forwarded", text -> ClientIds.parse("address", "", text)),
            "X-Forwarded-For",
            "The field in which the proxies name the client's address.");
    static final Key<HeaderMode> HEADERS = Key.of(
            "weir.headers",
            ValueType.oneOf(HeaderMode.class),
            "draft",
            "Which fields tell a client about its limits: RateLimit and RateLimit-Policy, X-RateLimit-*, or none.");
    static final Key<String> ADMIN_TOKEN = Key.open(
                    "weir.admin.token",
                    ValueType.text(
                            "text",
                            "16 to 256 visible ASCII characters",
                            Pattern.compile("[!-~]{16,256}").asMatchPredicate()),
                    "none",
                    "What requests to the admin resource must send as a bearer token."
                            + " Without it and a role that resource does not start.")
            .atStart();
    static final Key<String> ADMIN_ROLE = Key.open(
                    "weir.admin.role",
                    ValueType.text(
                            "text",
                            "1 to 64 visible ASCII characters, starting with a letter or digit",
                            Pattern.compile("[A-Za-z0-9][!-~]{0,63}").asMatchPredicate()),
                    "none",
                    "The role of users that may use the admin resource without the token.")
            .atStart();
    static final Key<List<String>> POLICIES = Key.open(
            "weir.policies",
            ValueType.names(POLICY_NAMES, Names::isPolicyName),
            "none",
            "Policies whose other keys are all in the environment, where they cannot be listed.");
    static final Key<Long> LIMIT = Key.open(
            "weir.policy.P.limit",
            ValueType.wholeNumber("permits", 1, Limit.EXACT),
            "required, but none is if there is a pool",
            "The permits that each client gets per period.");
    static final Key<Duration> PERIOD = Key.of(
            "weir.policy.P.period",
            ValueType.duration("1ms", "366d"),
            "1s",
            "The time in which the limit's permits come free.");
    static final Key<Long> BURST = Key.open(
            "weir.policy.P.burst",
            ValueType.wholeNumber("permits", 1, Limit.EXACT),
            "the limit",
            "The permits at once from rest. Only for token-bucket and leaky-bucket.");
    static final Key<Algorithm> ALGORITHM = Key.of(
            "weir.policy.P.algorithm",
            ValueType.oneOf(Algorithm.class),
            "token-bucket",
            "How the limit is kept: see algorithms.md.");
    static final Key<OnStoreFailure> ON_STORE_FAILURE = Key.of(
            "weir.policy.P.on-store-failure",
            ValueType.oneOf(OnStoreFailure.class),
            "local",
            "What to do while the store does not answer: keep this instance's share; permit all but what"
                    + " the limit could never permit, clients of weight 0 for instance; or reject all.");
    static final Key<AtLimit> AT_LIMIT = Key.of(
            "weir.policy.P.at-limit",
            ValueType.oneOf(AtLimit.class),
            "reject",
            "What becomes of an HTTP request above the limit: it is rejected, or waits for its turn without a thread.");
    static final Key<Duration> MAX_DELAY = Key.of(
            "weir.policy.P.max-delay",
            ValueType.duration("1ms", "10m"),
            "2s",
            "How long a request may wait for its turn if at-limit is delay; one that surely cannot pass in time is rejected at once.");
    static final Key<Boolean> SHADOW = Key.of(
            "weir.policy.P.shadow",
            ValueType.flag(),
            "false",
            "Whether the policy decides and counts, but rejects no request and shows no fields.");
    static final Key<Duration> MAX_AGE = Key.of(
            "weir.policy.P.max-age",
            ValueType.duration("0s", "1d"),
            "60s",
            "How old the timestamp of a request may be, by the store's clock; an older one is rejected.");
    static final Key<Duration> MAX_SKEW = Key.of(
            "weir.policy.P.max-skew",
            ValueType.duration("0s", "1m"),
            "5s",
            "How far ahead of the store's clock the timestamp of a request may be; one further ahead is rejected.");
    static final Key<Long> MINIMUM = Key.of(
            "weir.policy.P.minimum",
            ValueType.wholeNumber("permits", 0, Limit.EXACT),
            "0",
            "The permits per period, and at once, of clients of weight 0, at most the limit; 0 permits them nothing."
                    + " Not beside a pool, which has a minimum of its own.");
    static final Key<String> POOL = Key.open(
            "weir.policy.P.pool",
            ValueType.text("name", POLICY_NAME, Names::isPolicyName),
            "none",
            "The pool whose capacity clients share by their weights, within their limits if there are any.");
    static final ShareKeys SHARE = ShareKeys.of("weir.policy.P", "1", "none", "a client");
    static final RateKeys RATE_OF_CLIENT = RateKeys.of("weir.policy.P.client.C", "client C");
    static final ShareKeys SHARE_OF_CLIENT =
            ShareKeys.of("weir.policy.P.client.C", "its plan's", "its plan's", "client C");
    static final RateKeys RATE_OF_PLAN = RateKeys.of("weir.policy.P.plan.N", "a client on plan N");
    static final ShareKeys SHARE_OF_PLAN =
            ShareKeys.of("weir.policy.P.plan.N", "the policy's", "the policy's", "a client on plan N");
    static final RateKeys RATE_OF_ACTION = RateKeys.of("weir.policy.P.action.A", "a client's action A");
    static final Key<String> PLAN_OF_CLIENT = Key.open(
            "weir.client.C.plan",
            ValueType.text("name", NAMES + ", that a policy has a plan of", Names::isPartName),
            "none",
            "The plan that client C is on, in every policy that has a plan of this name.");
    static final Key<Long> POOL_LIMIT = Key.open(
            "weir.pool.O.limit",
            ValueType.wholeNumber("permits", 1, Limit.EXACT),
            "required",
            "The permits that all clients of pool O get together per period.");
    static final Key<Duration> POOL_PERIOD = Key.of(
            "weir.pool.O.period",
            ValueType.duration("1ms", "366d"),
            "1s",
            "The time in which the permits of pool O come free.");
    static final Key<Long> POOL_BURST = Key.open(
            "weir.pool.O.burst",
            ValueType.wholeNumber("permits", 2, Pool.MAX_BURST),
            "what comes free in 100ms, at least 2",
            "The permits of pool O at once from rest. The largest cost that can ever pass is half of it.");
    static final Key<Path> CONFIG_FILE = Key.open(
                    "weir.config.file",
                    ValueType.file(),
                    "none",
                    "A properties file with keys of this table, laid over the application's own and watched."
                            + " Cannot be set in that file.")
            .atStart();
    static final Key<Duration> RELOAD_INTERVAL = Key.of(
            "weir.config.reload-interval",
            ValueType.duration("100ms", "1h"),
            "1s",
            "How often the other sources are looked at.");

    static final List<Key<?>> ALL = Stream.<Stream<? extends Key<?>>>of(
                    Stream.of(
                            STORE,
                            INSTANCE_ID,
                            STORE_DEADLINE,
                            LOCAL_CLIENTS,
                            INSTANCES_MIN,
                            LEASES,
                            CLIENT_ID,
                            TRUSTED_PROXIES,
                            FORWARDED_HEADER,
                            HEADERS,
                            ADMIN_TOKEN,
                            ADMIN_ROLE,
                            POLICIES,
                            LIMIT,
                            PERIOD,
                            BURST,
                            ALGORITHM,
                            ON_STORE_FAILURE,
                            AT_LIMIT,
                            MAX_DELAY,
                            SHADOW,
                            MAX_AGE,
                            MAX_SKEW,
                            MINIMUM,
                            POOL),
                    SHARE.all(),
                    RATE_OF_CLIENT.all(),
                    SHARE_OF_CLIENT.all(),
                    RATE_OF_PLAN.all(),
                    SHARE_OF_PLAN.all(),
                    RATE_OF_ACTION.all(),
                    Stream.of(PLAN_OF_CLIENT, POOL_LIMIT, POOL_PERIOD, POOL_BURST, CONFIG_FILE, RELOAD_INTERVAL))
            .<Key<?>>flatMap(keys -> keys)
            .toList();

    private ConfigKeys() {}

    /** The pool that a known key belongs to. */
    static Optional<String> pool(KeyName key) {
        return key.matches(POOL_LIMIT.pattern())
                        || key.matches(POOL_PERIOD.pattern())
                        || key.matches(POOL_BURST.pattern())
                ? Optional.of(key.segments().get(2))
                : Optional.empty();
    }

    /** What the keys of the policy or the pool begin with that a known key belongs to. */
    static Optional<KeyName> owner(KeyName key) {
        return pool(key)
                .or(() -> policy(key))
                .map(name -> new KeyName(key.segments().subList(0, 3)));
    }

    /** The policy that a known key belongs to. */
    static Optional<String> policy(KeyName key) {
        List<String> segments = key.segments();
        return segments.size() > 3 && segments.get(1).equals("policy")
                ? Optional.of(segments.get(2))
                : Optional.empty();
    }
}
