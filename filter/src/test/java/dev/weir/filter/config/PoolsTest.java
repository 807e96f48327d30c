package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Page;
import dev.weir.Policy;
import dev.weir.filter.Configs;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolsTest {

    private static Settings valid(String text) {
        ConfigProblems problems = new ConfigProblems();
        Settings settings = Configs.compile(text, problems);
        assertThat(problems.list()).isEmpty();
        return settings;
    }

    private static List<String> problems(String text) {
        ConfigProblems problems = new ConfigProblems();
        Configs.compile(text, problems);
        return problems.list();
    }

    @Test
    void pool_withAndWithoutALimitBeside_isShared() {
        Settings settings = valid("""
                weir.pool.backend.limit=1000
                weir.pool.backend.period=2s
                weir.pool.backend.burst=300
                weir.policy.search.pool=backend
                weir.policy.export.pool=backend
                weir.policy.export.limit=10
                """);
        Pool backend = new Pool("backend", new Rate(1000, Duration.ofSeconds(2), 300));

        assertThat(settings.policies().get("search")).isEqualTo(Policy.sharing("search", backend));
        assertThat(settings.policies().get("export"))
                .isEqualTo(Policy.of("export", Limit.tokenBucket(10, Duration.ofSeconds(1)))
                        .in(backend));
    }

    @Test
    void burst_notSet_isATenthOfASecondsCapacity() {
        assertThat(burst("limit=1000")).isEqualTo(100);
        assertThat(burst("limit=1001")).isEqualTo(101);
        assertThat(burst("limit=5")).isEqualTo(2);
        assertThat(burst("limit=60000\nweir.pool.p.period=1m")).isEqualTo(100);
        assertThat(burst("limit=1000\nweir.pool.p.period=10ms")).isEqualTo(10_000);
    }

    private static long burst(String limit) {
        Policy policy =
                valid("weir.policy.a.pool=p\nweir.pool.p." + limit).policies().get("a");
        return policy.pool().limit().capacity();
    }

    @Test
    void pool_thatIsNotThere_isAnErrorThatNamesThoseThatAre() {
        assertThat(problems("weir.policy.search.pool=backed\nweir.pool.backend.limit=5"))
                .singleElement()
                .asString()
                .contains("weir.policy.search.pool", "'backed'", "there is no such pool", "backend");
        assertThat(problems("weir.policy.search.pool=backend"))
                .singleElement()
                .asString()
                .contains("there is no pool");
    }

    @Test
    void pool_numbersThatCannotBe_areErrorsThatNameTheirKey() {
        assertThat(problems("weir.pool.backend.period=1s"))
                .singleElement()
                .asString()
                .contains("weir.pool.backend.limit is not set");
        assertThat(problems("weir.pool.backend.limit=5\nweir.pool.backend.burst=1"))
                .singleElement()
                .asString()
                .contains("weir.pool.backend.burst", "2 to 1099511627776");
        assertThat(problems("weir.pool.-b.limit=5")).singleElement().asString().contains("weir.pool.-b.limit", "name");
        assertThat(problems("weir.pool.backend.limits=5"))
                .singleElement()
                .asString()
                .contains("weir.pool.backend.limit");
    }

    @Test
    void policy_withoutALimit_hasNoUseForItsNumbers() {
        String pool = "weir.pool.backend.limit=5\nweir.policy.search.pool=backend\n";
        for (String key : List.of("period=1s", "burst=5", "algorithm=fixed-window")) {
            assertThat(problems(pool + "weir.policy.search." + key))
                    .singleElement()
                    .asString()
                    .contains("weir.policy.search." + key.split("=")[0], "has no limit of its own");
        }
    }

    @Test
    void split_inAPool_isAnErrorThatNamesItsKey() {
        String pool = "weir.pool.backend.limit=5\nweir.policy.search.pool=backend\n";
        for (String owner : List.of("", "plan.gold.", "client.alice.")) {
            String key = "weir.policy.search." + owner;
            assertThat(problems(pool + key + "split=50,50\n" + key + "weight=3"))
                    .singleElement()
                    .asString()
                    .contains(key + "split = '50,50'", "shares pool 'backend'", "cannot be split", "allowed: no value");
        }
    }

    @Test
    void weight_inAPool_outOfItsRange_isAnErrorThatNamesItsKey() {
        String pool = "weir.pool.backend.limit=5\nweir.policy.search.pool=backend\n";
        for (String owner : List.of("", "plan.gold.", "client.alice.")) {
            String key = "weir.policy.search." + owner + "weight";
            assertThat(problems(pool + key + "=-1"))
                    .singleElement()
                    .asString()
                    .contains(key + " = '-1'", "negative", "allowed: 0 to 1000000");
            assertThat(problems(pool + key + "=1000001"))
                    .singleElement()
                    .asString()
                    .contains(key + " = '1000001'", "too large", "allowed: 0 to 1000000");
            assertThat(problems(pool + key + "=1000000")).isEmpty();
            assertThat(problems(pool + key + "=0")).isEmpty();
        }
    }

    @Test
    void pool_thatNobodyShares_isAWarningThatNamesItsKey() {
        assertThat(valid("weir.pool.backend.limit=5\nweir.pool.spare.limit=7\nweir.policy.search.pool=backend")
                        .warnings())
                .singleElement()
                .asString()
                .contains("weir.pool.spare.limit = '7'", "no policy shares pool 'spare'", "weir.policy.P.pool = spare");
    }

    @Test
    void weights_thatDifferWithinAPool_areAnError() {
        String pool = """
                weir.pool.backend.limit=5
                weir.policy.search.pool=backend
                weir.policy.export.pool=backend
                """;
        assertThat(problems(pool + "weir.policy.search.weight=2"))
                .singleElement()
                .asString()
                .contains("pool 'backend'", "a client has weight 1 under policy 'export' and 2 under policy 'search'")
                .contains("(weir.policy.export.weight is not set, weir.policy.search.weight = '2')")
                .contains("allowed: the same weight under all policies of a pool");
        assertThat(problems(pool + "weir.policy.search.client.alice.weight=2"))
                .singleElement()
                .asString()
                .contains("client 'alice'", "weir.policy.search.client.alice.weight = '2'");
        assertThat(problems(pool + "weir.policy.search.plan.gold.weight=2"))
                .singleElement()
                .asString()
                .contains("plan 'gold'", "weir.policy.search.plan.gold.weight = '2'");
        assertThat(problems(pool + """
                weir.policy.search.client.alice.weight=2
                weir.policy.export.plan.gold.weight=2
                weir.policy.search.plan.gold.weight=2
                weir.client.alice.plan=gold
                """)).isEmpty();
    }

    @Test
    void page_exampleOfAPool_isValid() {
        String example = Page.of("docs/configuration.md")
                .from("## Capacity that clients share")
                .example("properties");

        Settings settings = valid(example);

        assertThat(settings.policies().keySet()).containsExactlyInAnyOrder("search", "export");
        assertThat(settings.policies().get("search").pool().limit().capacity()).isEqualTo(100);
    }
}
