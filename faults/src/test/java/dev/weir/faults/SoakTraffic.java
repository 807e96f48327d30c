package dev.weir.faults;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The traffic of a {@link Soak}: each kind of limit, and each way in which a client gets numbers of its own. */
final class SoakTraffic {

    /** Decided from leases. */
    static final Traffic HOT = new Traffic("hot", "/try/orders?cost=10&client=hot", 1, 800, 800, 4, 40, 10, false, 0);

    /** Behind a servlet filter. */
    static final Traffic LEAKY = new Traffic("plain", "/plain/hello", 1, 24, 24, 2, 12);

    static final Traffic FIXED = new Traffic("fixed window", "/try/fixed?client=fixed", 1, 21, 42, 2, 12);
    static final Traffic SLIDING = new Traffic("sliding window", "/try/sliding?client=sliding", 1, 21, 42, 2, 12);
    static final Traffic LOG = new Traffic("sliding log", "/try/log?client=log", 1, 21, 21, 2, 12);

    /** Each request takes from one of three sub-buckets, and from the whole. */
    static final Traffic SPLIT = new Traffic("split", "/try/split?client=split", 1, 24, 24, 2, 12);

    /** Under two policies at once, of which that of {@link #LEAKY} has the smaller limit. */
    static final Traffic SEVERAL = new Traffic("several", "/api/orders/latest", 1, 24, 24, 2, 12);

    /** Of a client and of a bucket, which has the smaller limit. */
    static final Traffic BUCKET = new Traffic("bucket", "/api/orders/tenant", 1, 18, 18, 2, 10);

    static final Traffic DELAYED =
            new Traffic("delayed", "/api/orders/report", 1, 10, 10, 3, 5, 1, false, Traffic.MAX_DELAY_MILLIS);

    /** Three clients, whose weights change. */
    static final Traffic POOL = new Traffic("pool", "/try/search?client=pool-", 3, 24, 8, 3, 12);

    /** A client whose plan changes. */
    static final Traffic PLANNED = new Traffic("plan", "/try/custom?client=planned", 1, 15, 15, 2, 12);

    /** A client whose weight changes. */
    static final Traffic WEIGHTED = new Traffic("weight", "/try/custom?client=weighted", 1, 15, 15, 2, 12);

    /** A client whose limit is set at run time, and deleted. */
    static final Traffic OVERRIDDEN = new Traffic("override", "/try/custom?client=overridden", 1, 15, 15, 2, 12);

    private static final Traffic LIGHT_FIXED = light("fixed", 21, 42);
    private static final Traffic LIGHT_SLIDING = light("sliding", 21, 42);
    private static final Traffic LIGHT_LOG = light("log", 21, 21);
    private static final Traffic LIGHT_TOKENS = light("light", 10, 10);

    /** Those that stay far below their limits: not one of their requests may be rejected. */
    static final Set<Traffic> LIGHT = Set.of(LIGHT_TOKENS, LIGHT_FIXED, LIGHT_SLIDING, LIGHT_LOG);

    /** Those in whose windows twice the limit may come, half on each side of an edge. */
    static final Set<Traffic> WINDOWS = Set.of(FIXED, SLIDING, LIGHT_FIXED, LIGHT_SLIDING);

    /** Those whose limits are in Redis, and not in the configuration file. */
    static final Set<Traffic> SET_AT_RUN_TIME = Set.of(BUCKET, PLANNED, WEIGHTED, OVERRIDDEN);

    static final List<Traffic> ALL = List.of(
            HOT,
            LEAKY,
            FIXED,
            SLIDING,
            LOG,
            SPLIT,
            SEVERAL,
            BUCKET,
            DELAYED,
            POOL,
            PLANNED,
            WEIGHTED,
            OVERRIDDEN,
            LIGHT_TOKENS,
            LIGHT_FIXED,
            LIGHT_SLIDING,
            LIGHT_LOG,
            Traffic.FREE);

    /** The permits a second under each plan. */
    static final Map<String, Integer> PLANS = Map.of("bronze", 9, "silver", 21, "gold", 30);

    /** How many permits a fresh client gets at once, and then in so many seconds. */
    static final int FRESH = 20;

    static final int FRESH_SECONDS = 5;

    static final String TOKEN = "the-token-of-the-soak";

    private SoakTraffic() {}

    private static Traffic light(String policy, int limit, int burst) {
        return new Traffic(
                "light, " + policy, "/try/%s?client=light-".formatted(policy), 4, limit, burst, 1, 4, 1, true, 0);
    }

    /** All that a limit is for. */
    static List<Traffic> limited() {
        return ALL.stream().filter(each -> each != Traffic.FREE).toList();
    }

    /** On how many limits a request is charged. */
    static int limitsOf(Traffic traffic) {
        return traffic == SPLIT ? 4 : traffic == SEVERAL || traffic == BUCKET ? 2 : 1;
    }

    /** All that the configuration file changes, by the policy under which it is. */
    static Map<String, List<Traffic>> ofFile() {
        return Map.of(
                "orders", List.of(HOT),
                "plain", List.of(LEAKY, SEVERAL),
                "fixed", List.of(FIXED, LIGHT_FIXED),
                "sliding", List.of(SLIDING, LIGHT_SLIDING),
                "log", List.of(LOG, LIGHT_LOG),
                "split", List.of(SPLIT));
    }

    /** @param limits those of the policies that the file changes */
    static List<String> settings(Map<String, Integer> limits) {
        Stream<String> changing = limits.entrySet().stream()
                .map(each -> "weir.policy.%s.limit = %d".formatted(each.getKey(), each.getValue()));
        Stream<String> staying = """
                weir.client-id = header:X-Client
                weir.admin.token = %s
                weir.policy.orders.period = 1s
                weir.policy.plain.period = 1s
                weir.policy.plain.algorithm = leaky-bucket
                weir.policy.fixed.algorithm = fixed-window
                weir.policy.sliding.algorithm = sliding-window
                weir.policy.log.algorithm = sliding-log
                weir.policy.split.split = 50, 30, 20
                weir.policy.report.limit = 10
                weir.policy.report.period = 1s
                weir.policy.report.max-delay = %dms
                weir.pool.backend.limit = 24
                weir.pool.backend.burst = 8
                weir.policy.search.pool = backend
                weir.policy.custom.limit = 15
                weir.policy.light.limit = 10
                weir.policy.probe.limit = 1000
                weir.policy.probe.period = 30m
                weir.policy.fresh.limit = %d
                weir.policy.fresh.period = %ds
                """.formatted(TOKEN, Traffic.MAX_DELAY_MILLIS, FRESH, FRESH_SECONDS)
                .lines();
        Stream<String> plans = PLANS.entrySet().stream()
                .map(each -> "weir.policy.custom.plan.%s.limit = %d".formatted(each.getKey(), each.getValue()));
        return Stream.of(staying, plans, changing)
                .flatMap(lines -> lines)
                .sorted()
                .toList();
    }
}
