package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.filter.Configs;
import dev.weir.filter.RateLimits;
import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    private final ConfigProblems problems = new ConfigProblems();

    private Settings valid(String text) {
        return valid(Configs.of(text));
    }

    private Settings valid(Config config) {
        Settings settings = Configs.compile(config, problems);
        assertThat(problems.list()).isEmpty();
        return settings;
    }

    @Test
    void compile_nothing_isDefaults() {
        Settings settings = valid("");

        assertThat(settings.store()).isEqualTo("memory");
        assertThat(settings.instanceId()).isEmpty();
        assertThat(settings.storeDeadline()).isEqualTo(Duration.ofMillis(50));
        assertThat(settings.localClients()).isEqualTo(100_000);
        assertThat(settings.minInstances()).isEqualTo(1);
        assertThat(settings.leasing()).isEqualTo(Leasing.FAST);
        assertThat(settings.policies()).isEmpty();
        assertThat(settings.http().headers()).isEqualTo(HeaderMode.DRAFT);
        assertThat(settings.reloadInterval()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void compile_everyKey_isTaken() {
        Settings settings = valid("""
                weir.store=memory
                weir.instance-id=node-1.eu
                weir.store-deadline=20ms
                weir.leases=exact
                weir.local-clients=5000
                weir.instances.min=3
                weir.client-id=header:X-API-Key, address
                weir.trusted-proxies=10.0.0.0/8, 127.0.0.1
                weir.forwarded-header=Forwarded
                weir.headers=legacy
                weir.policy.search.limit=100
                weir.policy.search.period=PT1M
                weir.policy.search.burst=150
                weir.policy.search.algorithm=token-bucket
                weir.policy.search.on-store-failure=permit
                weir.policy.export.limit=10
                weir.policy.export.period=1d
                weir.policy.export.algorithm=fixed-window
                weir.policy.export.on-store-failure=reject
                weir.config.reload-interval=5s
                """);

        assertThat(settings.instanceId()).contains("node-1.eu");
        assertThat(settings.storeDeadline()).isEqualTo(Duration.ofMillis(20));
        assertThat(settings.localClients()).isEqualTo(5_000);
        assertThat(settings.minInstances()).isEqualTo(3);
        assertThat(settings.leasing()).isEqualTo(Leasing.EXACT);
        assertThat(settings.http().headers()).isEqualTo(HeaderMode.LEGACY);
        assertThat(settings.reloadInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.policies().values())
                .containsExactlyInAnyOrder(
                        Policy.of("search", Limit.tokenBucket(100, Duration.ofMinutes(1), 150))
                                .onStoreFailure(OnStoreFailure.PERMIT),
                        Policy.of("export", Limit.fixedWindow(10, Duration.ofDays(1)))
                                .onStoreFailure(OnStoreFailure.REJECT));
    }

    @Test
    void compile_onlyALimit_isATokenBucketPerSecond() {
        assertThat(valid("weir.policy.search.limit=100").policies())
                .containsOnly(
                        Map.entry("search", Policy.of("search", Limit.tokenBucket(100, Duration.ofSeconds(1), 100))));
    }

    @Test
    void compile_blanksAroundAValue_areNotPartOfIt() {
        assertThat(valid("weir.policy.search.limit=\\ 5 \t").policies())
                .containsOnly(Map.entry("search", Policy.of("search", Limit.tokenBucket(5, Duration.ofSeconds(1)))));
    }

    @Test
    void compile_blankValue_isNotSet() {
        Settings settings = valid("weir.policy.search.limit=5\nweir.policy.search.period=\nweir.headers=\\ ");

        assertThat(settings.policies().get("search").limit().period()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.http().headers()).isEqualTo(HeaderMode.DRAFT);
    }

    @Test
    void compile_allKeysOfAPolicyBlankedFromAbove_takesItAway() {
        Config config = Configs.of(
                "weir.policy.search.limit=5\nweir.policy.search.period=1m",
                new PropertiesConfigSource(
                        Map.of("weir.policy.search.limit", "", "weir.policy.search.period", ""), "above", 150));

        assertThat(valid(config).policies()).isEmpty();
    }

    @Test
    void compile_quotedPolicyName_isTheSamePolicy() {
        assertThat(valid("weir.policy.\"search\".limit=5").policies()).containsKey("search");
    }

    @Test
    void compile_environment_overridesAndCompletesKnownPolicies() {
        Config config = Configs.of(
                "weir.policies=api-v2\nweir.policy.search.limit=5",
                new EnvConfigSource(
                        Map.of(
                                "WEIR_POLICY_SEARCH_LIMIT", "7",
                                "WEIR_POLICY_SEARCH_ON_STORE_FAILURE", "reject",
                                "WEIR_POLICY_API_V2_LIMIT", "9",
                                "WEIR_STORE_DEADLINE", "30ms",
                                "UNRELATED", "1"),
                        300));

        Settings settings = valid(config);

        assertThat(settings.policies().get("search").limit().permits()).isEqualTo(7);
        assertThat(settings.policies().get("search").behaviour().onStoreFailure())
                .isEqualTo(OnStoreFailure.REJECT);
        assertThat(settings.policies().get("api-v2").limit().permits()).isEqualTo(9);
        assertThat(settings.storeDeadline()).isEqualTo(Duration.ofMillis(30));
    }

    @Test
    void look_strangersInTheEnvironment_areNoErrors() {
        Config config = Configs.of(
                "weir.policy.search.limit=5",
                new EnvConfigSource(
                        Map.of(
                                "WEIR_SERVICE_HOST", "10.0.0.1",
                                "WEIR_POLICY_NOBODY_LIMIT", "7",
                                "WEIR_POLICY_SEARCH_LIMIT", "7"),
                        300));

        ConfigSnapshot given =
                new Sources(config, KeyCatalog.with(Stores.onClassPath().keys())).look();

        assertThat(given.problems()).isEmpty();
        assertThat(given.unknownVariables()).containsExactlyInAnyOrder("WEIR_SERVICE_HOST", "WEIR_POLICY_NOBODY_LIMIT");
        assertThat(valid(config).policies()).containsOnlyKeys("search");
    }

    @Test
    void compile_profile_counts() {
        Config config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withProfile("prod")
                .withSources(new PropertiesConfigSource(
                        Map.of("%prod.weir.policy.search.limit", "5", "%dev.weir.policy.other.limit", "6"), "x", 100))
                .build();

        assertThat(valid(config).policies()).containsOnlyKeys("search");
    }

    @Test
    void compile_terms_areTakenAndInheritWhatTheyLeaveOut() {
        Settings settings = valid("""
                weir.policy.p.limit=10
                weir.policy.p.period=1m
                weir.policy.p.burst=15
                weir.policy.p.weight=2
                weir.policy.p.split=50,30,20
                weir.policy.p.shadow=true
                weir.policy.p.max-age=1d
                weir.policy.p.max-skew=0s
                weir.policy.p.at-limit=delay
                weir.policy.p.max-delay=3s
                weir.policy.p.client.alice.limit=20
                weir.policy.p.client.bob.period=2m
                weir.policy.p.client."a.b".burst=7
                weir.policy.p.client.carol.weight=3
                weir.policy.p.client.carol.split=100
                weir.policy.p.plan.gold.limit=40
                weir.policy.p.plan.gold.period=3m
                weir.policy.p.plan.gold.burst=50
                weir.policy.p.plan.gold.weight=4
                weir.policy.p.plan.gold.split=60,40
                weir.policy.p.action.create_post.limit=1
                weir.policy.p.action.create_post.period=1d
                weir.policy.p.action.create_post.burst=2
                weir.policy.q.limit=1
                weir.client.alice.plan=gold
                """);

        Duration minute = Duration.ofMinutes(1);
        assertThat(settings.policies().get("p"))
                .isEqualTo(Policy.of("p", Limit.tokenBucket(10, minute, 15))
                        .shadow()
                        .allClients(new Terms(null, 2L, Split.of(50, 30, 20)))
                        .action("create_post", new Rate(1, Duration.ofDays(1), 2))
                        .plan("gold", new Terms(new Rate(40, Duration.ofMinutes(3), 50), 4L, Split.of(60, 40)))
                        .client("alice", new Terms(new Rate(20, minute, 20), null, null))
                        .client("bob", new Terms(new Rate(10, Duration.ofMinutes(2), 15), null, null))
                        .client("a.b", new Terms(new Rate(10, minute, 7), null, null))
                        .client("carol", new Terms(null, 3L, Split.of(100)))
                        .client("alice", "gold")
                        .maxAge(Duration.ofDays(1))
                        .maxSkew(Duration.ZERO)
                        .maxDelay(Duration.ofSeconds(3)));
        assertThat(settings.policies().get("q")).isEqualTo(Policy.of("q", Limit.tokenBucket(1, Duration.ofSeconds(1))));
    }

    @Test
    void compile_atLimit_rejectsUnlessItDelays() {
        Settings settings = valid("""
                weir.policy.plain.limit=1
                weir.policy.off.limit=1
                weir.policy.off.at-limit=reject
                weir.policy.off.max-delay=3s
                weir.policy.on.limit=1
                weir.policy.on.at-limit=delay
                """);

        assertThat(settings.policies().get("plain").behaviour().maxDelay()).isZero();
        assertThat(settings.policies().get("off").behaviour().maxDelay()).isZero();
        assertThat(settings.policies().get("on").behaviour().maxDelay()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void compile_policyCalledAsBucketsAre_refused() {
        Configs.compile("weir.policy.bucket.limit=1\nweir.policy.buckets.limit=1", problems);

        assertThat(problems.list())
                .singleElement()
                .asString()
                .contains(
                        "'bucket' (in a key of weir.policy) cannot be a policy's name: decisions on named buckets report it as their policy");
    }

    @Test
    void compile_termsOfAWindow_haveNoBurst() {
        assertThat(valid(
                                "weir.policy.p.limit=5\nweir.policy.p.algorithm=fixed-window\nweir.policy.p.client.a.period=1d")
                        .policies()
                        .get("p")
                        .terms()
                        .clients())
                .containsOnly(Map.entry("a", new Terms(Rate.of(5, Duration.ofDays(1)), null, null)));
    }

    @Test
    void compile_environment_overridesTermsOfWhomElseIsNamed() {
        Config config = Configs.of(
                "weir.policy.search.limit=5\nweir.policy.search.client.\"a.b\".limit=6\nweir.policy.search.plan.gold.limit=7"
                        + "\nweir.client.alice.plan=gold",
                new EnvConfigSource(
                        Map.of(
                                "WEIR_POLICY_SEARCH_CLIENT__A_B__WEIGHT", "3",
                                "WEIR_POLICY_SEARCH_PLAN_GOLD_LIMIT", "70",
                                "WEIR_POLICY_SEARCH_CLIENT_NOBODY_WEIGHT", "9"),
                        300));

        Policy policy = valid(config).policies().get("search");

        assertThat(policy.terms().clients())
                .containsOnly(Map.entry("a.b", new Terms(Rate.of(6, Duration.ofSeconds(1)), 3L, null)));
        assertThat(policy.terms().plans().get("gold").rate()).isEqualTo(Rate.of(70, Duration.ofSeconds(1)));
    }

    @Test
    void compile_keysOfSeveralSources_rememberWhereTheyComeFrom() {
        PropertiesConfigSource above = new PropertiesConfigSource(
                Configs.map("weir.policy.search.limit=6\nweir.pool.backend.burst=9"), "above", 200);

        Settings settings = valid(Configs.of("""
                weir.policy.search.limit=5
                weir.policy.search.client."a.b".weight=2
                weir.policy.export.pool=backend
                weir.pool.backend.limit=10
                """, above));

        String builtIn = "PropertiesConfigSource[source=built-in]";
        String over = "PropertiesConfigSource[source=above]";
        assertThat(settings.sources())
                .isEqualTo(Map.of(
                        "weir.policy.search",
                        Set.of(over, builtIn),
                        "weir.policy.export",
                        Set.of(builtIn),
                        "weir.pool.backend",
                        Set.of(over, builtIn)));
    }

    @Test
    void compile_subBucketOfNothing_isAWarningThatNamesTheKeyToBlame() {
        assertThat(valid("""
                                weir.policy.p.limit=1000
                                weir.policy.p.split=99,1,0
                                weir.policy.p.client.alice.limit=10
                                weir.policy.p.client.bob.weight=0
                                """).warnings())
                .containsExactly(
                        "weir.policy.p.split = '99,1,0': sub-bucket 2 gets no permit of the limit, and permits nothing",
                        "weir.policy.p.client.alice.limit = '10': sub-bucket 1 gets no permit of the limit, and permits nothing",
                        "weir.policy.p.client.alice.limit = '10': sub-bucket 2 gets no permit of the limit, and permits nothing");
    }

    @Test
    void compile_thousandsOfClients_areCompiledInOneGo() {
        StringBuilder text = new StringBuilder("weir.policy.p.limit=10\nweir.policy.p.plan.gold.limit=20\n");
        for (int i = 0; i < 5_000; i++) {
            text.append("weir.policy.p.client.c%d.weight=%d\nweir.client.c%d.plan=gold\n".formatted(i, i % 7, i));
        }

        assertThat(valid(text.toString()).policies().get("p").terms().clients()).hasSize(5_000);
    }

    static Stream<Limit> everyAlgorithm() {
        Duration minute = Duration.ofMinutes(1);
        return Stream.of(
                Limit.tokenBucket(7, minute),
                Limit.leakyBucket(7, minute, 7),
                Limit.fixedWindow(7, minute),
                Limit.slidingWindow(7, minute),
                Limit.slidingLog(7, minute));
    }

    @ParameterizedTest
    @MethodSource("everyAlgorithm")
    void compile_eachAlgorithm_byItsName(Limit limit) {
        Config config = Configs.of(
                "weir.policy.p.limit=7\nweir.policy.p.period=1m\nweir.policy.p.algorithm=" + limit.algorithm());

        assertThat(valid(config).policies().get("p").limit()).isEqualTo(limit);
    }

    @Test
    void compile_leakyBucketWithBurst_hasIt() {
        Config config = Configs.of(of("burst=9\nweir.policy.p.algorithm=leaky-bucket"));

        assertThat(valid(config).policies().get("p").limit()).isEqualTo(Limit.leakyBucket(1, Duration.ofSeconds(1), 9));
    }

    /** Text, the key that is named, the value that is shown, what is said to be allowed. */
    static Stream<Arguments> wrong() {
        String number = "1 to 9007199254740992";
        String period = "1ms to 366d";
        return Stream.of(
                Arguments.of("weir.policy.p.limit=ten", "weir.policy.p.limit", "'ten'", number),
                Arguments.of("weir.policy.p.limit=0", "weir.policy.p.limit", "'0'", number),
                Arguments.of("weir.policy.p.limit=-1", "weir.policy.p.limit", "'-1'", number),
                Arguments.of("weir.policy.p.limit=+1", "weir.policy.p.limit", "'+1'", number),
                Arguments.of("weir.policy.p.limit=1e3", "weir.policy.p.limit", "'1e3'", number),
                Arguments.of("weir.policy.p.limit=10.5", "weir.policy.p.limit", "'10.5'", number),
                Arguments.of("weir.policy.p.limit=1 000", "weir.policy.p.limit", "'1 000'", number),
                Arguments.of("weir.policy.p.limit=NaN", "weir.policy.p.limit", "'NaN'", number),
                Arguments.of("weir.policy.p.limit=\\u0663", "weir.policy.p.limit", "'\u0663'", number),
                Arguments.of(
                        "weir.policy.p.limit=9007199254740993", "weir.policy.p.limit", "'9007199254740993'", number),
                Arguments.of(
                        "weir.policy.p.limit=99999999999999999999",
                        "weir.policy.p.limit",
                        "'99999999999999999999'",
                        number),
                Arguments.of("weir.policy.p.limit=${nobody}", "weir.policy.p.limit", "${nobody}", "has no value"),
                Arguments.of("weir.policy.p.period=1s", "weir.policy.p.limit", "is not set", number),
                Arguments.of("weir.policies=p", "weir.policy.p.limit", "is not set", number),
                Arguments.of("weir.policies=p,,q", "weir.policies", "'p,,q'", "1 to 64 letters"),
                Arguments.of("weir.policies=p q", "weir.policies", "'p q'", "1 to 64 letters"),
                Arguments.of("weir.policy.-p.limit=1", "weir.policy", "'-p'", "1 to 64 letters"),
                Arguments.of("weir.policy.\"a.b\".limit=1", "weir.policy", "'a.b'", "1 to 64 letters"),
                Arguments.of(
                        "weir.policy.p.limit=1\nweir.policy.\"p\".limit=2", "weir.policy", "given twice", "quotes"),
                Arguments.of(of("period=1"), "weir.policy.p.period", "'1'", period),
                Arguments.of(of("period=1 parsec"), "weir.policy.p.period", "'1 parsec'", period),
                Arguments.of(of("period=NaN"), "weir.policy.p.period", "'NaN'", period),
                Arguments.of(of("period=0s"), "weir.policy.p.period", "'0s'", period),
                Arguments.of(of("period=PT-1S"), "weir.policy.p.period", "'PT-1S'", period),
                Arguments.of(of("period=367d"), "weir.policy.p.period", "'367d'", period),
                Arguments.of(of("period=999999999999999999d"), "weir.policy.p.period", "too large", period),
                Arguments.of(of("burst=0"), "weir.policy.p.burst", "'0'", number),
                Arguments.of(
                        of("burst=2\nweir.policy.p.algorithm=fixed-window"), "weir.policy.p.burst", "'2'", "no value"),
                Arguments.of(
                        of("burst=2\nweir.policy.p.algorithm=sliding-window"),
                        "weir.policy.p.burst",
                        "'2'",
                        "a sliding-window has no burst"),
                Arguments.of(
                        of("burst=2\nweir.policy.p.algorithm=sliding-log"),
                        "weir.policy.p.burst",
                        "'2'",
                        "a sliding-log has no burst"),
                Arguments.of(
                        "weir.policy.p.limit=10001\nweir.policy.p.algorithm=sliding-log",
                        "weir.policy.p.limit",
                        "'10001'",
                        "allowed: 1 to 10000"),
                Arguments.of(
                        "weir.policy.p.limit=9007199254740992\nweir.policy.p.period=1001ms\nweir.policy.p.algorithm=sliding-window",
                        "weir.policy.p.limit",
                        "exactly",
                        "counted"),
                Arguments.of(
                        of("period=1001ms\nweir.policy.p.burst=9007199254740992"),
                        "weir.policy.p.burst",
                        "exactly",
                        "counted"),
                Arguments.of(
                        of("algorithm=Token-Bucket"),
                        "weir.policy.p.algorithm",
                        "'Token-Bucket'",
                        "token-bucket, leaky-bucket, fixed-window, sliding-window, sliding-log"),
                Arguments.of(of("on-store-failure=panic"), "on-store-failure", "'panic'", "local, permit, reject"),
                Arguments.of("weir.headers=all", "weir.headers", "'all'", "draft, legacy, none"),
                Arguments.of("weir.store=postgres", "weir.store", "'postgres'", "memory"),
                Arguments.of("weir.leases=on", "weir.leases", "'on'", "fast, exact, off"),
                Arguments.of("weir.store-deadline=0ms", "weir.store-deadline", "'0ms'", "1ms to 1m"),
                Arguments.of("weir.store-deadline=61s", "weir.store-deadline", "'61s'", "1ms to 1m"),
                Arguments.of("weir.instance-id=a b", "weir.instance-id", "'a b'", "1 to 64 letters"),
                Arguments.of("weir.client-id=passport", "weir.client-id", "'passport'", "principal, address"),
                Arguments.of("weir.trusted-proxies=10.0.0.0/99", "weir.trusted-proxies", "10.0.0.0/99", "CIDR"),
                Arguments.of("weir.forwarded-header=Via", "weir.forwarded-header", "'Via'", "X-Forwarded-For"),
                Arguments.of("weir.config.reload-interval=1ms", "weir.config.reload-interval", "'1ms'", "100ms to 1h"),
                Arguments.of("weir.config.file=\\u0000", "weir.config.file", "'?'", "a file"),
                Arguments.of("weir.config.file=/no/such/file", "weir.config.file", "/no/such/file", "no such file"),
                Arguments.of("weir.config.file=/", "weir.config.file", "'/'", "not a regular file"),
                Arguments.of("weir.stroe=memory", "weir.stroe", "'memory'", "nearest is weir.store"),
                Arguments.of("weir.policy.p.limt=1", "weir.policy.p.limt", "'1'", "nearest is weir.policy.p.limit"),
                Arguments.of("weir.policy.p..limit=1", "weir.policy.p..limit", "'1'", "nearest is"),
                Arguments.of(of("splt=50,50"), "weir.policy.p.splt", "'50,50'", "nearest is weir.policy.p.split"),
                Arguments.of(of("split=50,30"), "weir.policy.p.split", "add up to 80", "1 to 100 whole numbers"),
                Arguments.of(of("split=50,50,"), "weir.policy.p.split", "'50,50,'", "0 to 100"),
                Arguments.of(of("split=50.5,49.5"), "weir.policy.p.split", "'50.5'", "0 to 100"),
                Arguments.of(of("split=-1,101"), "weir.policy.p.split", "'-1'", "0 to 100"),
                Arguments.of(of("split=101"), "weir.policy.p.split", "'101'", "0 to 100"),
                Arguments.of(of("split=100" + ",0".repeat(100)), "weir.policy.p.split", "more than 100", "1 to 100"),
                Arguments.of(of("weight=-1"), "weir.policy.p.weight", "'-1'", "0 to 9007199254740992"),
                Arguments.of(of("weight=1.5"), "weir.policy.p.weight", "'1.5'", "0 to 9007199254740992"),
                Arguments.of(of("shadow=yes"), "weir.policy.p.shadow", "'yes'", "true, false"),
                Arguments.of(of("at-limit=wait"), "weir.policy.p.at-limit", "'wait'", "reject, delay"),
                Arguments.of(of("max-delay=0s"), "weir.policy.p.max-delay", "'0s'", "1ms to 10m"),
                Arguments.of(of("max-delay=11m"), "weir.policy.p.max-delay", "'11m'", "1ms to 10m"),
                Arguments.of(of("max-age=60"), "weir.policy.p.max-age", "'60'", "0s to 1d"),
                Arguments.of(of("max-age=25h"), "weir.policy.p.max-age", "'25h'", "0s to 1d"),
                Arguments.of(of("max-skew=-PT1S"), "weir.policy.p.max-skew", "'-PT1S'", "0s to 1m"),
                Arguments.of(of("max-skew=61s"), "weir.policy.p.max-skew", "'61s'", "0s to 1m"),
                Arguments.of(of("client.alice.weight=two"), "weir.policy.p.client.alice.weight", "'two'", "0 to"),
                Arguments.of(of("client.\"a.b\".limit=0"), "weir.policy.p.client.\"a.b\".limit", "'0'", number),
                Arguments.of(of("client." + "x".repeat(257) + ".limit=1"), "a client's id", "'xxx", "1 to 256 bytes"),
                Arguments.of(of("client.a.b.limit=1"), "weir.policy.p.client.a.b.limit", "'1'", "client.\"a.b\".limit"),
                Arguments.of(of("client.alice.split=99"), "weir.policy.p.client.alice.split", "'99'", "add up"),
                Arguments.of(of("plan.gold.period=0s"), "weir.policy.p.plan.gold.period", "'0s'", period),
                Arguments.of(of("plan.go\\ ld.limit=5"), "a plan's name", "'go ld'", "1 to 64 letters"),
                Arguments.of(of("action.pdf.burst=0"), "weir.policy.p.action.pdf.burst", "'0'", number),
                Arguments.of(of("action.a/b.limit=5"), "an action's name", "'a/b'", "1 to 64 letters"),
                Arguments.of(of("action.pdf.weight=5"), "weir.policy.p.action.pdf.weight", "'5'", "nearest is"),
                Arguments.of(
                        of("algorithm=fixed-window\nweir.policy.p.client.alice.burst=5"),
                        "weir.policy.p.client.alice.burst",
                        "'5'",
                        "no value"),
                Arguments.of(
                        of("plan.gold.weight=5\nweir.client.alice.plan=glod"),
                        "weir.client.alice.plan",
                        "'glod'",
                        "allowed: gold"),
                Arguments.of(of("client.a.weight=2\nweir.client.a.plan=b"), "weir.client.a.plan", "'b'", "nothing"),
                Arguments.of(
                        of("weight=9007199254740992\nweir.policy.p.burst=2"),
                        "weir.policy.p.weight",
                        "exactly",
                        "counted"),
                Arguments.of(
                        of("client.alice.weight=9007199254740992\nweir.policy.p.client.alice.limit=2"),
                        "weir.policy.p.client.alice.weight",
                        "exactly",
                        "counted"),
                Arguments.of(
                        of("plan.gold.limit=9007199254000000\nweir.policy.p.weight=2"),
                        "weir.policy.p.plan.gold.limit",
                        "exactly",
                        "counted"),
                Arguments.of(
                        of("plan.gold.limit=9007199254000000\nweir.client.alice.plan=gold"
                                + "\nweir.policy.p.client.alice.weight=2"),
                        "weir.policy.p.client.alice.weight",
                        "exactly",
                        "counted"),
                Arguments.of(
                        of("action.pdf.limit=9007199254000000\nweir.policy.p.client.alice.weight=2"),
                        "weir.policy.p.client.alice.weight",
                        "exactly",
                        "counted"),
                Arguments.of(
                        of("action.pdf.period=1001ms\nweir.policy.p.action.pdf.burst=9007199254740992"),
                        "weir.policy.p.action.pdf.burst",
                        "exactly",
                        "counted"),
                // Whole, this is one permit a millisecond; a third of it is no such simple rate.
                Arguments.of(
                        "weir.policy.p.limit=1000000\nweir.policy.p.period=1000s\nweir.policy.p.burst=9007199254740"
                                + "\nweir.policy.p.split=33,67",
                        "weir.policy.p.split",
                        "exactly",
                        "counted"),
                Arguments.of("weir.redison.ur=redis://:secret@h", "weir.redison.ur", "not a known key", "nearest is"));
    }

    private static String of(String second) {
        return "weir.policy.p.limit=1\nweir.policy.p." + second;
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void compile_wrongValue_saysKeyValueAndWhatIsAllowed(String text, String key, String value, String allowed) {
        Configs.compile(text, problems);

        assertThat(problems.list()).hasSize(1).first().asString().contains(key, value, allowed);
    }

    @Test
    void compile_manyErrors_tellsThemAll() {
        String text = """
                weir.stroe=memory
                weir.headers=all
                weir.policy.a.limit=ten
                weir.policy.a.period=soon
                weir.policy.b.period=1s
                """;

        assertThatThrownBy(() -> RateLimits.from(Configs.of(text)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "5 errors",
                        "weir.stroe",
                        "weir.headers",
                        "weir.policy.a.limit",
                        "weir.policy.a.period",
                        "weir.policy.b.limit");
    }

    @Test
    void compile_policyMisspeltOnce_namesTheOneThatIsMeant() {
        Configs.compile("weir.policy.search.limit=5\nweir.policy.serach.period=1m", problems);

        assertThat(problems.list()).hasSize(1).first().asString().contains("'search'");
    }

    @Test
    void problems_secretAndControlCharacters_areNotShown() {
        Configs.compile("weir.token=hunter2\nweir.headers=a\\nb", problems);

        assertThat(problems.list()).hasSize(2).anyMatch(line -> line.contains("'a?b'"));
        assertThat(problems.list().toString()).doesNotContain("hunter2");
    }

    @Test
    void compile_minimum_isWhatClientsOfWeightZeroHave() {
        Settings settings = Configs.compile(
                "weir.policy.search.limit=10\nweir.policy.search.minimum=2\nweir.policy.search.client.mallory.weight=0",
                problems);

        assertThat(problems.list()).isEmpty();
        assertThat(settings.policies().get("search").terms().minimum()).isEqualTo(2);
        assertThat(settings.policies().get("search").limits(Terms.weight(0), null))
                .containsExactly(Optional.of(Limit.tokenBucket(2, Duration.ofSeconds(1))));
    }

    @Test
    void compile_minimumBesideAPool_refused() {
        Configs.compile(
                "weir.policy.search.minimum=2\nweir.policy.search.pool=backend\nweir.pool.backend.limit=100", problems);

        assertThat(problems.list())
                .singleElement()
                .asString()
                .contains("weir.policy.search.minimum = '2'", "a minimum of its own");
    }

    @Test
    void compile_minimumThatCannotBeCountedUnderAClientsRate_refusedByItsKey() {
        Configs.compile("""
                weir.policy.search.limit=9000000000000
                weir.policy.search.minimum=7000000000000
                weir.policy.search.client.alice.limit=7000003000000
                weir.policy.search.client.alice.period=PT7.000003S
                """, problems);

        assertThat(problems.list())
                .singleElement()
                .asString()
                .contains("weir.policy.search.minimum = '7000000000000'", "cannot be counted exactly");
    }

    /** Such clients have the limit then, as others do: perhaps the limit was made smaller in a hurry. */
    @Test
    void compile_minimumAboveTheLimit_isWarnedOf() {
        Settings settings = Configs.compile("weir.policy.search.limit=10\nweir.policy.search.minimum=11", problems);

        assertThat(problems.list()).isEmpty();
        assertThat(settings.warnings())
                .singleElement()
                .asString()
                .contains("weir.policy.search.minimum = '11'", "limit of 10");
    }

    /** Nor as part of a value with an expression that has no value, or of an address. */
    @Test
    void problems_secretsInExpressionsAndAddresses_areNotShown() {
        Configs.compile(
                "weir.admin.token=hunter2-hunter2-${oops}\nweir.redisson.ur=redis://user:hunter2@a\n"
                        + "weir.config.file=redis://user:hunter2@a/${oops}\nweir.instance-id=http://me:hunter2@host/",
                problems);

        assertThat(problems.list()).hasSize(4);
        assertThat(problems.list().toString()).doesNotContain("hunter2").contains("weir.admin.token = '...'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://user:hunter2@host",
                "redis://hunter2@host",
                "redis://user:hun/hunter2@host",
                "redis://user:hun@hunter2@host",
                "redis://user:hun hunter2@host",
                "redis://:/hunter2@host",
                "redis://user@hunter2@host",
                "two redis://user:hunter2@host and redis://user:hunter2@other"
            })
    void shown_addressWithAPassword_isShownWithoutIt(String address) {
        assertThat(ConfigProblems.shown(address)).doesNotContain("hunter2").contains("//***@");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://host/a@b", "file:///home/a@1.2/x.properties", "alice@example.com", "10"})
    void shown_addressWithoutAPassword_isShown(String address) {
        assertThat(ConfigProblems.shown(address)).isEqualTo(address);
    }

    /** A source may be a file behind an address that has a password. */
    @Test
    void problems_nameOfASource_isShownWithoutAPassword() {
        Config config = Configs.of(
                "",
                new PropertiesConfigSource(
                        Map.of("weir.headers", "all", "weir.policy.search.limit", "1", "weir.stroe", "x"),
                        "from http://user:hunter2@config/x.properties",
                        150));

        Settings settings = Configs.compile(config, problems);

        assertThat(problems.list()).hasSize(2).allMatch(line -> line.contains("***@config/x.properties"));
        assertThat(problems.list().toString()).doesNotContain("hunter2");
        assertThat(settings.sources().toString()).contains("***@config").doesNotContain("hunter2");
    }

    /** What users call their policies makes no secret of a number. */
    @Test
    void problems_policyWhoseNameSoundsSecret_valuesAreShown() {
        Configs.compile("weir.policy.security.limit=ten\nweir.policy.token-uri.limt=7", problems);

        assertThat(problems.list())
                .hasSize(2)
                .anyMatch(line -> line.contains("'ten'"))
                .anyMatch(line -> line.contains("'7'"));
    }

    @ParameterizedTest
    @CsvSource({
        "weir.redisson.uri, true",
        "weir.admin.token, true",
        "db.passwordFile, true",
        "spring.redis.url, true",
        "clientSecret, true",
        "apiKey, true",
        "a.passwd.b, true",
        "weir.redis.pass, true",
        "db.pw, true",
        "db.dsn, true",
        "stripe.apikey, true",
        "weir.policy.security.limit, false",
        "weir.client.uri.plan, false",
        "weir.policy.p.password, true",
        "security.level, false",
        "monkey.count, false"
    })
    void secrets_areToldByTheWordsOfAKey(String key, boolean isSecret) {
        assertThat(Secrets.isSecret(key)).isEqualTo(isSecret);
    }

    @Test
    void compile_aFileOfSomethingElse_isToldInAFewHundredLines() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            text.append("weir.x").append(i).append("=1\n");
        }

        Configs.compile(text.toString(), problems);

        assertThat(problems.list()).hasSize(201).last().isEqualTo("and 4800 more");
    }
}
