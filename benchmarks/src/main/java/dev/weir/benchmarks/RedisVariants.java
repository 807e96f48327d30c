package dev.weir.benchmarks;

import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.benchmarks.RedisContenders.Opener;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * What else is asked of a limiter than one permit of one token bucket: each kind beside those peers that have it. The
 * floor is the same bare script for all.
 */
enum RedisVariants {
    /** What an application really configures. */
    POLICIES("policies", "three limits on one request (second, minute, day)") {
        @Override
        void addTo(Map<String, Opener> rows) {
            List<PolicyCost> costs =
                    List.of(new PolicyCost("second", 1), new PolicyCost("minute", 1), new PolicyCost("day", 1));
            rows.put(
                    "Weir",
                    (uri, perSecond) -> RedisContenders.weir(
                            uri,
                            StoreUse.LEASED,
                            List.of(
                                    Policy.of("second", Limit.tokenBucket(perSecond, SECOND)),
                                    Policy.of("minute", Limit.tokenBucket(60L * perSecond, MINUTE)),
                                    Policy.of("day", Limit.tokenBucket(86_400L * perSecond, DAY))),
                            weir -> client -> weir.tryAcquire(client, costs).permitted()));
            LongSupplier one = () -> 1;
            rows.put(
                    "Bucket4j on Lettuce",
                    (uri, perSecond) -> RedisContenders.bucket4jOnLettuce(uri, threeLimits(perSecond), null, one));
            rows.put(
                    "Bucket4j on Lettuce, batching",
                    (uri, perSecond) -> RedisContenders.bucket4jOnLettuce(
                            uri, threeLimits(perSecond), Optimizations.batching(), one));
        }
    },

    /** As a report costs more than a look-up. */
    COSTS("costs", "costs of 1 to 50") {
        @Override
        void addTo(Map<String, Opener> rows) {
            LongSupplier costs = () -> ThreadLocalRandom.current().nextInt(1, 51);
            for (StoreUse use : List.of(StoreUse.STRICT, StoreUse.LEASED)) {
                rows.put(
                        use.row(),
                        (uri, perSecond) -> RedisContenders.weir(
                                uri,
                                use,
                                List.of(RedisContenders.policy(perSecond)),
                                weir -> client ->
                                        weir.limiter(RedisContenders.POLICY).allow(client, costs.getAsLong())));
            }
            rows.put(
                    "Redisson RRateLimiter",
                    (uri, perSecond) -> RedisContenders.redissonLimiter(uri, perSecond, costs));
            rows.put(
                    "Bucket4j on Lettuce",
                    (uri, perSecond) ->
                            RedisContenders.bucket4jOnLettuce(uri, RedisContenders.greedy(perSecond), null, costs));
            rows.put(
                    "Bucket4j on Lettuce, batching",
                    (uri, perSecond) -> RedisContenders.bucket4jOnLettuce(
                            uri, RedisContenders.greedy(perSecond), Optimizations.batching(), costs));
        }
    },

    /** Each strict: what the state of a limit costs. Redisson's is a log, too; Bucket4j refills in intervals. */
    LIMITS("limits", "limits other than a token bucket") {
        @Override
        void addTo(Map<String, Opener> rows) {
            rows.put(
                    "Weir, strict, fixed window",
                    (uri, perSecond) -> strict(uri, Limit.fixedWindow(perSecond, SECOND)));
            rows.put(
                    "Weir, strict, sliding window",
                    (uri, perSecond) -> strict(uri, Limit.slidingWindow(perSecond, SECOND)));
            rows.put("Weir, strict, sliding log", (uri, perSecond) -> strict(uri, Limit.slidingLog(LOG, SECOND)));
            rows.put(
                    "Redisson RRateLimiter",
                    (uri, perSecond) -> RedisContenders.redissonLimiter(uri, perSecond, () -> 1));
            BucketConfigurationOf intervals = perSecond -> BucketConfiguration.builder()
                    .addLimit(limit -> limit.capacity(perSecond).refillIntervally(perSecond, SECOND))
                    .build();
            rows.put(
                    "Bucket4j on Lettuce, intervals",
                    (uri, perSecond) -> RedisContenders.bucket4jOnLettuce(uri, intervals.of(perSecond), null, () -> 1));
        }
    },

    /** One capacity that all clients share by weight; no peer has it. */
    POOL("pool", "a pool that all clients share") {
        @Override
        void addTo(Map<String, Opener> rows) {
            for (StoreUse use : List.of(StoreUse.STRICT, StoreUse.LEASED)) {
                rows.put(
                        use.row(),
                        (uri, perSecond) -> RedisContenders.weir(
                                uri,
                                use,
                                List.of(Policy.sharing(
                                        RedisContenders.POLICY,
                                        new Pool("pool", new Rate(perSecond, SECOND, perSecond)))),
                                weir -> weir.limiter(RedisContenders.POLICY)::allow));
            }
        }
    };

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);

    /** The most that a log may have: twice what the busiest client asks for where there are 100,000 a second. */
    private static final long LOG = 10_000;

    private final String part;
    private final String description;

    RedisVariants(String part, String description) {
        this.part = part;
        this.description = description;
    }

    @FunctionalInterface
    private interface BucketConfigurationOf {
        BucketConfiguration of(int perSecond);
    }

    abstract void addTo(Map<String, Opener> rows);

    String part() {
        return part;
    }

    String description() {
        return description;
    }

    /** By name; the floor last. */
    Map<String, Opener> openers() {
        Map<String, Opener> rows = new LinkedHashMap<>();
        addTo(rows);
        rows.put(RedisContenders.FLOOR, RedisContenders::floor);
        return rows;
    }

    private static Contender strict(String uri, Limit limit) {
        return RedisContenders.weir(
                uri,
                StoreUse.STRICT,
                List.of(Policy.of(RedisContenders.POLICY, limit)),
                weir -> weir.limiter(RedisContenders.POLICY)::allow);
    }

    private static BucketConfiguration threeLimits(int perSecond) {
        return BucketConfiguration.builder()
                .addLimit(limit -> limit.capacity(perSecond).refillGreedy(perSecond, SECOND))
                .addLimit(limit -> limit.capacity(60L * perSecond).refillGreedy(60L * perSecond, MINUTE))
                .addLimit(limit -> limit.capacity(86_400L * perSecond).refillGreedy(86_400L * perSecond, DAY))
                .build();
    }
}
