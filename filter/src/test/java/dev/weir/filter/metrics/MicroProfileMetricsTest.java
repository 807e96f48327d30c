package dev.weir.filter.metrics;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.weir.Acquisition;
import dev.weir.PolicyCost;
import dev.weir.filter.Configs;
import dev.weir.filter.MemoryBackedStore;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Reason;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import dev.weir.store.StoreCounts;
import dev.weir.store.StoreException;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import io.smallrye.metrics.MetricsRequestHandler;
import io.smallrye.metrics.SharedMetricRegistries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a scrape shows, by the real SmallRye Metrics. Policies are named apart, because its registries are the JVM's.
 */
@Timeout(60)
class MicroProfileMetricsTest {

    @TempDir
    private Path directory;

    private RateLimits limits;

    @AfterEach
    void close() {
        if (limits != null) {
            limits.close();
        }
    }

    private RateLimits start(String text) {
        limits = RateLimits.from(Configs.of(text));
        return limits;
    }

    private static String scrape() throws IOException {
        AtomicReference<String> text = new AtomicReference<>();
        new MetricsRequestHandler()
                .handleRequest(
                        "/metrics",
                        "GET",
                        Stream.of("text/plain"),
                        new HashMap<>(),
                        (status, body, headers) -> text.set(body));
        return text.get();
    }

    private static String decisions(String policy, String outcome) {
        return "weir_decisions_total{mp_scope=\"application\",outcome=\"%s\",policy=\"%s\",}"
                .formatted(outcome, policy);
    }

    private static String leasedPermits(String policy, String what) {
        return "weir_lease_permits_total{mp_scope=\"application\",policy=\"%s\",what=\"%s\",}".formatted(policy, what);
    }

    private static double value(String series) throws IOException {
        return scrape().lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + series));
    }

    @Test
    void scrape_fromTheStart_hasEverySeriesAtZero() throws IOException {
        start("weir.policy.zero.limit=5");

        for (String outcome : List.of(
                "permitted",
                "rejected",
                "cost_above_limit",
                "stale",
                "future",
                "queue_full",
                "shadow_rejected",
                "permitted_without_store",
                "rejected_without_store")) {
            assertThat(value(decisions("zero", outcome))).isZero();
            assertThat(value(decisions("zero", outcome).replace("weir_decisions", "weir_cost")))
                    .isZero();
        }
        for (String what : List.of("leased", "spent", "returned", "expired")) {
            assertThat(value(leasedPermits("zero", what))).isZero();
        }
        for (String outcome : List.of("permitted", "rejected")) {
            assertThat(value(decisions("zero", outcome).replace("weir_decisions", "weir_lease_decisions")))
                    .isZero();
        }
        assertThat(value("weir_lease_calls_total{mp_scope=\"application\",policy=\"zero\",}"))
                .isZero();
        for (String kind : List.of("timeout", "unreachable", "error")) {
            assertThat(scrape()).contains("weir_store_errors_total{kind=\"%s\",".formatted(kind));
        }
        assertThat(scrape())
                .contains(
                        "# TYPE weir_decisions_total counter",
                        "# TYPE weir_cost_total counter",
                        "# TYPE weir_store_seconds summary",
                        "weir_store_seconds_count{",
                        "weir_decision_seconds_count{",
                        "# TYPE weir_store_up gauge",
                        "# TYPE weir_instances gauge",
                        "# TYPE weir_delayed_requests gauge",
                        "# TYPE weir_local_clients gauge",
                        "# TYPE weir_debts gauge",
                        "# TYPE weir_debt_permits gauge",
                        "# TYPE weir_store_batches_total counter",
                        "# TYPE weir_store_batched_calls_total counter",
                        "# TYPE weir_store_evicted_keys_total counter",
                        "# TYPE weir_config_last_reload_successful gauge",
                        "# TYPE weir_config_last_reload_timestamp_seconds gauge",
                        "# TYPE weir_store_outages_total counter",
                        "# TYPE weir_store_down_seconds_total counter",
                        "weir_debt_lost_permits_total{mp_scope=\"application\",policy=\"zero\",} 0.0",
                        "weir_config_reloads_total{mp_scope=\"application\",result=\"success\",}",
                        "weir_config_reloads_total{mp_scope=\"application\",result=\"failure\",}");
    }

    /** However a request is decided, it is counted once; and every permit that was leased is accounted for. */
    @Test
    void scrape_afterLeases_countsEachDecisionOnce() throws IOException {
        limits = RateLimits.from(
                Configs.of("weir.policy.leased.limit=100000\nweir.policy.leased.period=100s"), new MemoryBackedStore());
        var limiter = limits.weir().limiter("leased");
        for (int i = 0; i < 1_000; i++) {
            assertThat(limiter.allow("alice", 2)).isTrue();
            assertThat(limiter.tryAcquire(Acquisition.of("alice").cost(2)).permitted())
                    .isTrue();
        }
        assertThat(limiter.allow("alice", 99_000)).isFalse();
        assertThat(limiter.allow("alice", 99_000)).isFalse();

        String permitted = decisions("leased", "permitted");
        await().untilAsserted(() -> {
            assertThat(value(permitted)).isEqualTo(2_000);
            assertThat(value(permitted.replace("weir_decisions", "weir_cost"))).isEqualTo(4_000);
            assertThat(value(leasedPermits("leased", "returned"))).isPositive();
            assertThat(value(decisions("leased", "rejected").replace("weir_decisions", "weir_lease_decisions")))
                    .isEqualTo(1);
            // What is still leased is given back a moment later.
            assertThat(value(leasedPermits("leased", "leased")))
                    .isEqualTo(value(leasedPermits("leased", "spent"))
                            + value(leasedPermits("leased", "returned"))
                            + value(leasedPermits("leased", "expired")));
        });
        assertThat(value(decisions("leased", "rejected"))).isEqualTo(2);
        assertThat(value(permitted.replace("weir_decisions", "weir_lease_decisions")))
                .isBetween(1_800.0, 1_999.0);
        assertThat(value("weir_lease_calls_total{mp_scope=\"application\",policy=\"leased\",}"))
                .isBetween(2.0, 200.0);
    }

    /** {@code weir.leases=off}, and an application's listener beside the metrics. */
    @Test
    void leases_off_noneAreTaken_andFast_everyListenerHears() {
        AtomicInteger decisionsSeen = new AtomicInteger();
        LimiterListener listener = new LimiterListener() {
            @Override
            public void onLeaseUse(String policy, LeaseUse use) {
                decisionsSeen.incrementAndGet();
            }
        };
        for (String leases : List.of("off", "fast")) {
            try (RateLimits leasing = RateLimits.from(
                    Configs.of("weir.policy.listened.limit=10000\nweir.leases=" + leases),
                    new MemoryBackedStore(),
                    listener,
                    null)) {
                for (int i = 0; i < 500; i++) {
                    leasing.weir().limiter("listened").allow("alice");
                }
            }
            assertThat(decisionsSeen.get() > 0).as(leases).isEqualTo(leases.equals("fast"));
        }
    }

    private static String ofPool(String name, String tags) {
        return "%s{mp_scope=\"application\",%s,}".formatted(name, tags);
    }

    @Test
    void scrape_ofPools_countsWhatClientsTookAndWhyTheyWereRefused() throws IOException {
        start("""
                weir.pool.counted.limit=100
                weir.pool.counted.period=366d
                weir.pool.counted.burst=100
                weir.policy.pooled.pool=counted
                weir.policy.capped.pool=counted
                weir.policy.capped.limit=10
                weir.policy.capped.period=366d
                weir.policy.alone.limit=10
                """);
        String permits = ofPool("weir_pool_permits_total", "pool=\"counted\"");
        String share = ofPool("weir_pool_refusals_total", "pool=\"counted\",reason=\"share\"");
        String capacity = ofPool("weir_pool_refusals_total", "pool=\"counted\",reason=\"capacity\"");
        for (String series : List.of(permits, share, capacity)) {
            assertThat(value(series)).isZero();
        }

        var pooled = limits.weir().limiter("pooled");
        for (int i = 0; i < 80; i++) {
            assertThat(pooled.allow("alice")).isTrue();
        }
        assertThat(pooled.tryAcquire("alice").reason()).isEqualTo(Reason.SHARE);
        assertThat(pooled.tryAcquire("alice", 51).reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(limits.weir().limiter("capped").allow("carol", 10)).isTrue();
        assertThat(limits.weir().limiter("capped").tryAcquire("carol").reason()).isEqualTo(Reason.LIMIT);
        assertThat(pooled.tryAcquire("bob", 50).reason()).isEqualTo(Reason.CAPACITY);
        assertThat(limits.weir().limiter("alone").allow("bob", 10)).isTrue();

        assertThat(value(permits)).isEqualTo(90);
        assertThat(value(share)).isEqualTo(1);
        assertThat(value(capacity)).isEqualTo(1);
    }

    /** Series of a pool that is gone would say for ever what it had last. */
    @Test
    void scrape_ofPools_showsTheCapacityThatIsInForce() throws IOException {
        String capacity = ofPool("weir_pool_capacity", "pool=\"shown\"");
        String later = capacity.replace("shown", "later");
        Path file = directory.resolve("weir.properties");
        Files.writeString(file, "weir.pool.shown.limit=90\nweir.pool.shown.period=1m\nweir.policy.p.pool=shown");
        start("weir.config.file=" + file);
        assertThat(value(capacity)).isEqualTo(1.5);

        Files.writeString(file, "weir.pool.shown.limit=7\nweir.policy.p.pool=shown");
        await().atMost(10, SECONDS)
                .untilAsserted(() -> assertThat(value(capacity)).isEqualTo(7));
        String refused = "weir_config_reloads_total{mp_scope=\"application\",result=\"failure\",}";
        double before = value(refused);
        limits.require(new PolicyCost("p", 1), "here", false);
        Files.writeString(file, "weir.pool.later.limit=8\nweir.policy.q.pool=later");
        await().atMost(10, SECONDS).until(() -> value(refused) == before + 1);
        assertThat(value(capacity)).as("a policy in use cannot be taken away").isEqualTo(7);
        assertThat(scrape()).doesNotContain(later);
        Files.writeString(file, "weir.pool.later.limit=8\nweir.policy.p.pool=later");
        await().atMost(10, SECONDS).untilAsserted(() -> assertThat(scrape()).contains(later));
        assertThat(scrape()).doesNotContain(capacity);
        limits.close();

        assertThat(scrape()).doesNotContain("weir_pool_capacity{");
    }

    @Test
    void scrape_afterDecisions_countsThemAndTheirCost() throws IOException {
        start(
                "weir.policy.counted.limit=5\nweir.policy.counted.period=366d\nweir.policy.counted.algorithm=fixed-window");
        var limiter = limits.weir().limiter("counted");

        limiter.allow("alice", 3);
        limiter.allow("alice", 3);
        limiter.allow("alice", 2);
        limiter.allow("alice", 6);

        assertThat(value(decisions("counted", "permitted"))).isEqualTo(2);
        assertThat(value(decisions("counted", "rejected"))).isEqualTo(1);
        assertThat(value(decisions("counted", "cost_above_limit"))).isEqualTo(1);
        String cost = decisions("counted", "permitted").replace("weir_decisions", "weir_cost");
        assertThat(value(cost)).isEqualTo(5);
        assertThat(scrape()).doesNotContain("alice");
    }

    @Test
    void scrape_timestampsTooFarFromTheClock_outcomesOfTheirOwn() throws IOException {
        start("weir.policy.stamped.limit=5\nweir.policy.stamped.max-age=10s\nweir.policy.stamped.max-skew=1s");
        var limiter = limits.weir().limiter("stamped");
        Acquisition alice = Acquisition.of("alice").cost(2);

        limiter.tryAcquire(alice.at(Instant.now().minusSeconds(20)));
        limiter.tryAcquire(alice.at(Instant.now().plusSeconds(20)));
        limiter.tryAcquire(alice.at(Instant.now().plusSeconds(30)));
        limiter.tryAcquire(alice.at(Instant.now().minusSeconds(5)));

        assertThat(value(decisions("stamped", "stale"))).isEqualTo(1);
        assertThat(value(decisions("stamped", "future"))).isEqualTo(2);
        assertThat(value(decisions("stamped", "permitted"))).isEqualTo(1);
        assertThat(value(decisions("stamped", "rejected"))).isZero();
    }

    @Test
    void scrape_shadowPolicy_tellsWhatItWouldHaveRejected() throws IOException {
        start("weir.policy.shadowed.limit=5\nweir.policy.shadowed.period=366d\nweir.policy.shadowed.shadow=true");
        var limiter = limits.weir().limiter("shadowed");

        limiter.allow("alice", 4);
        limiter.allow("alice", 2);
        limiter.allow("alice", 6);

        assertThat(value(decisions("shadowed", "permitted"))).isEqualTo(1);
        assertThat(value(decisions("shadowed", "shadow_rejected"))).isEqualTo(2);
        assertThat(value(decisions("shadowed", "rejected"))).isZero();
        assertThat(value(decisions("shadowed", "cost_above_limit"))).isZero();
        assertThat(value(decisions("shadowed", "shadow_rejected").replace("weir_decisions", "weir_cost")))
                .as("nothing was taken")
                .isZero();
    }

    @Test
    void scrape_storeThatComesAndGoes_isSeen() throws Exception {
        AtomicBoolean up = new AtomicBoolean(true);
        AtomicInteger instances = new AtomicInteger(3);
        Store store = new MemoryBackedStore() {
            @Override
            public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
                return CompletableFuture.failedFuture(
                        new StoreException(StoreException.Kind.UNREACHABLE, "away", new IOException()));
            }

            @Override
            public Optional<String> degraded() {
                return up.get() ? Optional.of("its memory is full") : Optional.empty();
            }

            @Override
            public CompletableFuture<Integer> heartbeat(String instanceId) {
                return up.get()
                        ? CompletableFuture.completedFuture(instances.get())
                        : CompletableFuture.failedFuture(
                                new StoreException(StoreException.Kind.UNREACHABLE, "away", new IOException()));
            }
        };
        limits = RateLimits.from(
                Configs.of("weir.policy.away.limit=5\nweir.policy.away.on-store-failure=permit"), store);
        String storeUp = "weir_store_up{mp_scope=\"application\",}";
        String errors = "weir_store_errors_total{kind=\"unreachable\",mp_scope=\"application\",}";
        double errorsBefore = value(errors);
        String outages = "weir_store_outages_total{mp_scope=\"application\",}";
        String downSeconds = "weir_store_down_seconds_total{mp_scope=\"application\",}";
        double outagesBefore = value(outages);
        double downBefore = value(downSeconds);

        assertThat(value(storeUp)).isEqualTo(1);
        assertThat(value("weir_instances{mp_scope=\"application\",}")).isEqualTo(3);
        String degraded = "weir_store_degraded{mp_scope=\"application\",}";
        assertThat(value(degraded)).isEqualTo(1);
        up.set(false);
        assertThat(value(degraded)).isZero();
        limits.weir().limiter("away").allow("alice");

        await().atMost(10, SECONDS).until(() -> value(storeUp) == 0); // Once a probe has failed too.
        assertThat(value(errors)).isGreaterThan(errorsBefore);
        assertThat(value(decisions("away", "permitted_without_store"))).isEqualTo(1);
        assertThat(value("weir_store_seconds_count{mp_scope=\"application\",}")).isPositive();
        assertThat(value(outages)).isEqualTo(outagesBefore + 1);
        await().atMost(10, SECONDS).until(() -> value(downSeconds) >= downBefore + 1); // While it lasts.
        up.set(true);
        await().atMost(10, SECONDS).until(() -> value(storeUp) == 1);
        double down = value(downSeconds);
        SECONDS.sleep(2);
        assertThat(value(downSeconds)).as("it is up").isEqualTo(down);
    }

    /** A store that was opened before the limiter has counted for others; and one that is asked last has the rest. */
    @Test
    void scrape_whatTheStoreCounts_isCountedOnFromTheStart_andToTheEnd() throws Exception {
        AtomicReference<StoreCounts> counts = new AtomicReference<>(new StoreCounts(100, 1_000, 10));
        Store store = new MemoryBackedStore() {
            @Override
            public StoreCounts counts() {
                return counts.get();
            }
        };
        String batches = "weir_store_batches_total{mp_scope=\"application\",}";
        String calls = "weir_store_batched_calls_total{mp_scope=\"application\",}";
        String evicted = "weir_store_evicted_keys_total{mp_scope=\"application\",}";
        start("");
        double batchesBefore = value(batches);
        double callsBefore = value(calls);
        double evictedBefore = value(evicted);
        limits.close();
        limits = RateLimits.from(Configs.of("weir.policy.counting.limit=5"), store);

        counts.set(new StoreCounts(103, 1_030, 11));
        await().atMost(10, SECONDS).until(() -> value(batches) == batchesBefore + 3);
        assertThat(value(calls)).isEqualTo(callsBefore + 30);
        assertThat(value(evicted)).isEqualTo(evictedBefore + 1);

        counts.set(new StoreCounts(104, 1_031, 11));
        limits.close();
        assertThat(value(batches)).isEqualTo(batchesBefore + 4);
        assertThat(value(calls)).isEqualTo(callsBefore + 31);
    }

    /** What does not fit into {@code weir.local-clients} is permitted, and never charged. */
    @Test
    void scrape_storeAway_showsWhatIsOwedAndWhatIsLost() throws IOException {
        AtomicBoolean up = new AtomicBoolean(true);
        Store store = new MemoryBackedStore() {
            @Override
            public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
                return up.get() ? super.tryAcquire(call) : away();
            }

            @Override
            public CompletableFuture<Integer> heartbeat(String instanceId) {
                return up.get() ? super.heartbeat(instanceId) : away();
            }

            private <T> CompletableFuture<T> away() {
                return CompletableFuture.failedFuture(
                        new StoreException(StoreException.Kind.UNREACHABLE, "away", new IOException()));
            }
        };
        limits = RateLimits.from(
                Configs.of("weir.policy.owing.limit=5\nweir.policy.owing.period=1d\nweir.local-clients=1000"),
                store,
                LimiterListener.NONE,
                null);
        String followed = "weir_local_clients{mp_scope=\"application\",}";
        String debts = "weir_debts{mp_scope=\"application\",}";
        limits.weir().limiter("owing").allow("alice");
        assertThat(value(followed)).isEqualTo(1);
        up.set(false);
        limits.weir().limiter("owing").allow("alice");
        await().atMost(10, SECONDS).until(() -> !limits.weir().storeUp());

        for (int i = 0; i < 1_002; i++) {
            assertThat(limits.weir().limiter("owing").allow("client-" + i, 2)).isTrue();
        }

        assertThat(value(debts)).isEqualTo(1_000);
        assertThat(value("weir_debt_permits{mp_scope=\"application\",}"))
                .as("of 999 clients two each; the call of alice may have been charged")
                .isEqualTo(1_998);
        assertThat(value("weir_debt_lost_permits_total{mp_scope=\"application\",policy=\"owing\",}"))
                .as("of the last three, also where the application listens")
                .isEqualTo(6);
        up.set(true);
        await().atMost(10, SECONDS).until(() -> value(debts) == 0);
    }

    @Test
    void scrape_afterReloads_countsThemByResult() throws IOException {
        Path file = directory.resolve("weir.properties");
        Files.writeString(file, "weir.policy.first.limit=5");
        start("weir.config.file=" + file);
        String success = "weir_config_reloads_total{mp_scope=\"application\",result=\"success\",}";
        String failure = "weir_config_reloads_total{mp_scope=\"application\",result=\"failure\",}";
        double successes = value(success);
        double failures = value(failure);

        Files.writeString(file, "weir.policy.first.limit=many");
        await().atMost(10, SECONDS).until(() -> value(failure) == failures + 1);
        assertThat(value(success)).isEqualTo(successes);
        String inForce = "weir_config_last_reload_successful{mp_scope=\"application\",}";
        String since = "weir_config_last_reload_timestamp_seconds{mp_scope=\"application\",}";
        double started = value(since);
        assertThat(value(inForce)).as("the file is refused").isZero();
        assertThat(started).isCloseTo(System.currentTimeMillis() / 1_000.0, within(60.0));
        Files.writeString(file, "weir.policy.first.limit=6\nweir.policy.second.limit=1");
        await().atMost(10, SECONDS).until(() -> value(success) == successes + 1);

        assertThat(value(failure)).isEqualTo(failures + 1);
        assertThat(value(inForce)).isEqualTo(1);
        assertThat(value(since)).isGreaterThan(started);
        assertThat(value(decisions("second", "permitted"))).isZero();
    }

    @Test
    void close_gauges_goWithTheLimiter() throws IOException {
        start("weir.policy.closing.limit=5");
        assertThat(scrape()).contains("weir_store_up{");

        limits.close();

        assertThat(scrape()).doesNotContain("weir_store_up{", "weir_instances{");
    }

    /** Two web applications of one container count in one registry; each may end without the other. */
    @Test
    void close_oneOfTwo_theOthersGaugesAreShown() throws IOException {
        start("weir.policy.first.limit=5\nweir.config.reload-interval=100ms");
        try (RateLimits other = RateLimits.from(
                Configs.of("weir.policy.second.limit=5\nweir.config.reload-interval=100ms"), null, null, null)) {
            limits.close();

            await().atMost(10, SECONDS)
                    .untilAsserted(() -> assertThat(scrape())
                            .contains("weir_store_up{", "weir_instances{", "weir_delayed_requests{"));
            assertThat(other.weir().storeUp()).isTrue();
        }
        assertThat(scrape()).doesNotContain("weir_store_up{");
    }

    @Test
    void close_theOneThatCameSecond_leavesTheGaugesOfTheFirst() throws IOException {
        start("weir.policy.first.limit=5");

        RateLimits.from(Configs.of("weir.policy.second.limit=5"), null, null, null)
                .close();

        assertThat(scrape()).contains("weir_store_up{");
    }

    @Test
    void onDecision_rejected_takesNothing() throws IOException {
        start("weir.policy.cost.limit=5\nweir.policy.cost.period=1d");
        limits.weir().limiter("cost").tryAcquire("alice", 4);
        limits.weir().limiter("cost").tryAcquire("alice", 4);

        assertThat(value(decisions("cost", "rejected"))).isEqualTo(1);
        assertThat(value(decisions("cost", "rejected").replace("weir_decisions", "weir_cost")))
                .isZero();
        assertThat(value(decisions("cost", "permitted").replace("weir_decisions", "weir_cost")))
                .isEqualTo(4);
    }

    @Test
    void from_registryOfTheApplication_isUsed() {
        MetricRegistry own = SharedMetricRegistries.getOrCreate("own");

        limits = RateLimits.from(Configs.of("weir.policy.own.limit=5"), null, null, own);

        assertThat(own.getCounters())
                .anySatisfy((id, counter) -> assertThat(id.getTags()).containsEntry("policy", "own"));
    }

    @Test
    void from_somethingElseAsRegistry_isAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimits.from(Configs.of(""), null, null, "registry"))
                .withMessageContainingAll(
                        "dev.weir.MetricRegistry",
                        "java.lang.String",
                        "org.eclipse.microprofile.metrics.MetricRegistry",
                        "io.micrometer.core.instrument.MeterRegistry",
                        "io.opentelemetry.api.OpenTelemetry",
                        "io.opentelemetry.api.metrics.Meter");
    }
}
