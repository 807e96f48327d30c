package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.OuterList;
import org.greenbytes.http.sfv.Parser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README promises a newcomer, on the real jar and the memory store. */
class SampleAppIT {

    @TempDir
    private static Path directory;

    private static Path config;
    private static SampleProcess app;

    @BeforeAll
    static void start() throws IOException {
        config = directory.resolve("limits.properties");
        // A day, so that no edge of a window falls into the test.
        Files.writeString(config, """
                weir.policy.orders.period=1d
                weir.policy.plain.period=1d
                weir.policy.search.limit=10
                weir.policy.search.period=1d
                weir.policy.termed.limit=10
                weir.policy.termed.period=1d
                weir.policy.termed.plan.gold.limit=100
                weir.policy.termed.client.carol.weight=2
                weir.policy.termed.client.split.split=50,30,20
                weir.policy.termed.action.pdf.limit=3
                weir.client.alice.plan=gold
                weir.client.carol.plan=gold
                weir.policy.shadowed.limit=1
                weir.policy.shadowed.period=1d
                weir.policy.shadowed.shadow=true
                weir.policy.stamped.limit=2
                weir.policy.stamped.period=1s
                weir.pool.backend.limit=100
                weir.pool.backend.period=1d
                weir.pool.backend.burst=100
                weir.policy.pooled.pool=backend
                weir.policy.edited.limit=2
                weir.policy.edited.period=1d
                """);
        app = SampleProcess.start("--config", config.toString(), "--instance-id", "one");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @Test
    void orders_costsAddUpToTheLimit_thenRejectedWithHeadersAndProblem() {
        assertThat(app.post("/api/orders").statusCode()).isEqualTo(201);
        HttpResponse<String> read = app.get("/api/orders");
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(item(read, "RateLimit").getParams().get("r").get()).isEqualTo(4L);

        HttpResponse<String> rejected = app.post("/api/orders");

        assertThat(rejected.statusCode()).isEqualTo(429);
        assertThat(item(rejected, "RateLimit-Policy").get()).isEqualTo("orders");
        assertThat(item(rejected, "RateLimit-Policy").getParams().get("q").get())
                .isEqualTo(10L);
        assertThat(item(rejected, "RateLimit-Policy").getParams().get("w").get())
                .isEqualTo(86_400L);
        assertThat(item(rejected, "RateLimit").getParams().get("r").get()).isEqualTo(4L);
        // One more permit is a tenth of a day away.
        assertThat(Long.parseLong(rejected.headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(8_600L, 8_640L);
        assertThat(rejected.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/problem+json");
        assertThat(rejected.body()).contains("quota-exceeded", "\"violated-policies\":[\"orders\"]");
    }

    @Test
    void plain_behindTheFilterOfWebXml_isLimited() {
        for (int i = 0; i < 5; i++) {
            assertThat(app.get("/plain/hello").statusCode()).isEqualTo(200);
        }
        assertThat(app.get("/plain/hello").statusCode()).isEqualTo(429);
    }

    @Test
    void tryPolicy_permittedAndRejected_answersTheContractsJson() {
        HttpResponse<String> permitted = app.get("/try/search?client=alice&cost=9");
        assertThat(permitted.statusCode()).isEqualTo(200);
        assertThat(permitted.body())
                .startsWith("{\"permitted\":true,\"remaining\":1,\"limit\":10,\"retryAfterMillis\":0,")
                .endsWith("\"reason\":\"OK\",\"policy\":\"search\",\"bucket\":null}");
        assertThat(item(permitted, "RateLimit").get()).isEqualTo("search");

        HttpResponse<String> rejected = app.get("/try/search?client=alice&cost=2");
        assertThat(rejected.statusCode()).isEqualTo(429);
        assertThat(rejected.body())
                .startsWith("{\"permitted\":false,\"remaining\":1,\"limit\":10,")
                .contains("\"reason\":\"LIMIT\"");

        HttpResponse<String> never = app.get("/try/search?client=alice&cost=11");
        assertThat(never.statusCode()).isEqualTo(429);
        assertThat(never.body()).contains("\"retryAfterMillis\":null", "\"reason\":\"COST_ABOVE_LIMIT\"");
        assertThat(never.headers().firstValue("Retry-After")).isEmpty();
    }

    @Test
    void tryPolicy_thatSharesAPool_saysWhoseShareIsUsedUp() {
        for (int i = 0; i < 80; i++) {
            assertThat(app.get("/try/pooled?client=alice").statusCode()).isEqualTo(200);
        }
        HttpResponse<String> refused = app.get("/try/pooled?client=alice");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("\"reason\":\"SHARE\"", "\"limit\":100", "\"policy\":\"pooled\"");
        assertThat(app.get("/try/pooled?client=bob").statusCode()).isEqualTo(200);
        assertThat(app.get("/try/pooled?client=carol&cost=50").body()).contains("\"reason\":\"CAPACITY\"");

        HttpResponse<String> stamped = app.get("/try/pooled?client=dave&at=1");
        assertThat(stamped.statusCode()).isEqualTo(400);
        assertThat(stamped.body()).contains("'at'", "'backend'");
    }

    @ParameterizedTest
    @CsvSource({
        "/try/nothing?client=a, 404, nothing",
        "/try/search, 400, client",
        "/try/search?client=, 400, client",
        "/try/search?client=a&cost=0, 400, cost",
        "/try/search?client=a&cost=-1, 400, cost",
        "/try/search?client=a&cost=1.5, 400, cost",
        "/try/search?client=a&cost=99999999999999999999, 400, cost",
        "/try/search?client=a&cost=%2B5, 400, cost",
        "/try/search?client=a&cost=%D9%A1, 400, cost",
        "/try/search?client=a&cost=1&cost=2, 400, cost",
        "/try/search?client=a&costs=1, 400, costs",
        "/try/search?client=a&at=, 400, at",
        "/try/search?client=a&at=now, 400, at",
        "/try/search?client=a&at=-1, 400, at",
        "/try/search?client=a&at=1.5, 400, at",
        "/try/search?client=a&at=2026-01-01T00:00:00Z, 400, at",
        "/try/search?client=a&at=9007199254740993, 400, at",
        "/try/search?client=a&at=1&at=1, 400, at",
        "/try/search?client=a&client=b, 400, client",
        "/try/search?client=a&weight=-1, 400, weight",
        "/try/search?client=a&weight=0.5, 400, weight",
        "/try/search?client=a&weight=9007199254740992, 400, weight",
        "/try/search?client=a&limit=0, 400, limit",
        "/try/search?client=a&limit=ten, 400, limit",
        "/try/search?client=a&limit=9007199254740993, 400, limit",
        "/try/search?client=a&limit=9007199254740992&period=1001ms, 400, limit",
        "/try/search?client=a&period=soon, 400, period",
        "/try/search?client=a&period=1, 400, period",
        "/try/search?client=a&period=0s, 400, period",
        "/try/search?client=a&period=367d, 400, period",
        "/try/search?client=a&bucket=-1, 400, bucket",
        "/try/search?client=a&bucket=1.0, 400, bucket",
        "/try/search?client=a&bucket=100, 400, bucket",
        "/try/search?client=a&bucket=0, 400, bucket",
        "/try/search?client=a&weight=2&bucket=0, 400, bucket",
        "/try/termed?client=split&bucket=3, 400, bucket",
        "/try/pooled?client=a&bucket=0, 400, bucket",
        "/try/search?client=a&action=, 400, action",
    })
    void tryPolicy_badRequest_problemNamesTheParameter(String path, int status, String named) {
        HttpResponse<String> response = app.get(path);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("'" + named + "'");
    }

    @Test
    void tryPolicy_at_countsInTheCallersTime() {
        long at = System.currentTimeMillis() - 30_000;
        String asked = "/try/stamped?client=at&cost=2&at=";

        assertThat(app.get(asked + at).statusCode()).isEqualTo(200);
        HttpResponse<String> same = app.get(asked + at);
        assertThat(same.statusCode()).isEqualTo(429);
        assertThat(same.body())
                .contains("\"remaining\":0", "\"retryAfterMillis\":1000,", "\"resetAfterMillis\":1000,", "\"LIMIT\"");
        assertThat(app.get(asked + (at - 100)).body()).contains("\"retryAfterMillis\":1100,", "\"LIMIT\"");
        assertThat(app.get(asked + (at + 999)).body()).contains("\"retryAfterMillis\":1,", "\"LIMIT\"");
        assertThat(app.get(asked + (at + 1_000)).statusCode()).isEqualTo(200);
    }

    @Test
    void tryPolicy_atTooFarFromTheClock_rejectedAndNothingCharged() {
        HttpResponse<String> stale = app.get("/try/stamped?client=far&at=" + (System.currentTimeMillis() - 120_000));
        assertThat(stale.statusCode()).isEqualTo(429);
        assertThat(stale.body())
                .startsWith("{\"permitted\":false,\"remaining\":2,\"limit\":2,\"retryAfterMillis\":null,")
                .contains("\"reason\":\"STALE\"");
        assertThat(stale.headers().firstValue("Retry-After")).isEmpty();

        HttpResponse<String> future = app.get("/try/stamped?client=far&at=" + (System.currentTimeMillis() + 120_000));
        assertThat(future.statusCode()).isEqualTo(429);
        assertThat(future.body()).contains("\"remaining\":2,", "\"reason\":\"FUTURE\"");
        assertThat(future.headers().firstValueAsLong("Retry-After").orElseThrow())
                .isBetween(100L, 115L);
        assertThat(future.headers().firstValue("RateLimit")).isPresent();

        assertThat(app.get("/try/stamped?client=far&cost=2").statusCode()).isEqualTo(200);
    }

    @Test
    void tryBucket_idTooLong_problemNamesIt() {
        HttpResponse<String> response = app.get("/try/bucket/" + "x".repeat(257));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("'id'");
    }

    @ParameterizedTest
    @CsvSource({
        "client=bob, 10, null",
        "client=alice, 100, null",
        "client=carol, 200, null",
        "client=carol&weight=1, 100, null",
        "client=carol&limit=7, 14, null",
        "client=carol&limit=7&weight=1&period=PT1H, 7, null",
        "client=bob&period=500ms, 10, null",
        "client=bob&action=pdf, 3, null",
        "client=carol&action=pdf, 6, null",
        "client=carol&action=csv, 200, null",
        "client=split&bucket=0, 5, 0",
        "client=split&bucket=2, 2, 2",
    })
    void tryPolicy_ownNumbers_theNearestHold(String query, long limit, String bucket) {
        // Asked for more than there is, a limit tells how much it is and is charged nothing.
        assertThat(app.get("/try/termed?cost=1000&" + query).body())
                .contains("\"limit\":%d,".formatted(limit), "\"bucket\":%s}".formatted(bucket));
    }

    @Test
    void tryPolicy_split_drawsASubBucketAndTellsWhich() {
        assertThat(app.get("/try/termed?client=split").body()).containsPattern("\"bucket\":[012]}");
    }

    @Test
    void tryPolicy_shadow_permitsWithoutFieldsAndSaysWhatItWouldHaveDone() {
        app.get("/try/shadowed?client=alice");

        HttpResponse<String> answer = app.get("/try/shadowed?client=alice");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"permitted\":true", "\"reason\":\"LIMIT\"");
        assertThat(answer.headers().firstValue("RateLimit")).isEmpty();
        assertThat(app.get("/metrics").body())
                .containsPattern(
                        "weir_decisions_total\\{[^}]*outcome=\"shadow_rejected\"[^}]*policy=\"shadowed\"[^}]*} [1-9]");
    }

    @Test
    void overview_policiesThatDiffer_saysHow() {
        assertThat(app.get("/overview").body())
                .contains(
                        "\"shadow\":false,\"differs\":\"plans gold, actions pdf, 2 clients\"",
                        "\"shadow\":true,\"differs\":\"\"");
    }

    @Test
    void tryPolicy_clientIdTooLong_badRequest() {
        assertThat(app.get("/try/search?client=" + "x".repeat(256)).statusCode())
                .isEqualTo(200);
        assertThat(app.get("/try/search?client=" + "x".repeat(257)).statusCode())
                .isEqualTo(400);
    }

    @Test
    void configFile_edited_newLimitHoldsWithoutRestartAndUseIsKept() throws IOException {
        app.get("/try/edited?client=bob&cost=2");
        assertThat(app.get("/try/edited?client=bob").statusCode()).isEqualTo(429);

        Files.writeString(
                config, Files.readString(config).replace("weir.policy.edited.limit=2", "weir.policy.edited.limit=3"));

        await().atMost(Duration.ofSeconds(5))
                .until(() -> app.get("/overview")
                        .body()
                        .contains("\"name\":\"edited\",\"algorithm\":\"token-bucket\",\"limit\":3"));
        assertThat(app.get("/try/edited?client=bob").statusCode()).isEqualTo(200);
        assertThat(app.get("/try/edited?client=bob").statusCode()).isEqualTo(429);
    }

    @Test
    void configFile_withMistakes_keepsTheLastGoodLimitsAndNamesEveryMistake() throws IOException {
        String good = Files.readString(config);
        Files.writeString(config, good + "weir.policy.search.limit=-5\nweir.policy.search.perod=1s\n");

        await().atMost(Duration.ofSeconds(5)).until(() -> app.log().contains("perod"));

        assertThat(app.log()).contains("weir.policy.search.limit", "-5", "weir.policy.search.period");
        assertThat(app.get("/overview").body())
                .contains("\"name\":\"search\",\"algorithm\":\"token-bucket\",\"limit\":10");
        Files.writeString(config, good);
    }

    @Test
    void health_serving_isUp() {
        assertThat(app.get("/health").body()).isEqualTo("{\"status\":\"UP\",\"store\":\"UP\"}");
    }

    @Test
    void page_showsTheInstance() {
        assertThat(app.get("/").headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/html");
        assertThat(app.get("/overview").body()).contains("\"instance\":\"one\"", "\"name\":\"orders\"");
    }

    @Test
    void metrics_afterDecisions_countThemByPolicyAndOutcome() {
        app.get("/try/search?client=counted&cost=10");
        app.get("/try/search?client=counted&cost=10");
        assertThat(app.get("/metrics").body())
                .containsPattern("weir_decisions_total\\{[^}]*outcome=\"permitted\"[^}]*policy=\"search\"[^}]*} [1-9]")
                .containsPattern("weir_decisions_total\\{[^}]*outcome=\"rejected\"[^}]*policy=\"search\"[^}]*} [1-9]")
                .contains("weir_store_up")
                .contains("weir_config_reloads_total");
    }

    @Test
    void terminate_whileServing_exitsWithZero() throws Exception {
        try (SampleProcess other = SampleProcess.start()) {
            assertThat(other.get("/health").statusCode()).isEqualTo(200);
            assertThat(other.terminate()).isZero();
        }
    }

    @Test
    void help_listsEveryOption() throws Exception {
        SampleProcess.Exit exit = SampleProcess.run("--help");
        assertThat(exit.code()).isZero();
        assertThat(String.join("\n", exit.errors()))
                .contains("--port", "--config", "--store", "--redis", "--instance-id", "--help");
    }

    @ParameterizedTest
    @CsvSource({
        "--bogus, --bogus",
        "--port http, --port",
        "--port 65536, --port",
        "--store disk, --store",
        "--config /no/such.properties, /no/such.properties",
        "--redis nonsense, nonsense",
        "--store memory --redis redis://127.0.0.1:6379, --redis",
    })
    void options_wrong_oneLineAndExitCodeTwo(String options, String named) throws Exception {
        assertOneLine(SampleProcess.run(options.split(" ")), named);
    }

    /** The password of a Redis is nothing for a log. */
    @ParameterizedTest
    @ValueSource(strings = {"redis://user:s3cr3t@127.0.0.1:x", "user:s3cr3t@127.0.0.1", "redis://:s3cr3t${oops}@h"})
    void options_redisThatIsWrong_oneLineWithoutItsPassword(String uri) throws Exception {
        SampleProcess.Exit alone = SampleProcess.run("--redis", uri);
        assertOneLine(alone, "weir.redisson.uri");
        SampleProcess.Exit besideMemory = SampleProcess.run("--store", "memory", "--redis", uri);
        assertOneLine(besideMemory, "--redis");

        assertThat(alone.errors().toString() + besideMemory.errors()).doesNotContain("s3cr3t");
    }

    @Test
    void configFile_brokenAtStart_oneLineAndExitCodeTwo() throws Exception {
        Path broken = directory.resolve("broken.properties");
        Files.writeString(broken, "weir.policy.orders.limit=many\nweir.polcy.x.limit=1\n");
        SampleProcess.Exit exit = SampleProcess.run("--config", broken.toString());
        assertOneLine(exit, "weir.policy.orders.limit");
        assertOneLine(exit, "weir.polcy.x.limit");
    }

    @Test
    void configFile_blankToken_isAsIfNoneWereSet() throws Exception {
        Path blank = directory.resolve("blank.properties");
        Files.writeString(blank, "weir.admin.token=\n");
        try (SampleProcess other = SampleProcess.start("--config", blank.toString())) {
            assertThat(other.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void configFile_beginsWithAByteOrderMarkAndItsToken_opensTheAdminResource() throws Exception {
        Path marked = directory.resolve("marked.properties");
        Files.writeString(marked, "\uFEFFweir.admin.token=" + SampleProcess.ADMIN_TOKEN + "\n");
        try (SampleProcess other = SampleProcess.start("--config", marked.toString())) {
            assertThat(other.admin("GET", "/admin/instances", "").statusCode()).isEqualTo(200);
        }
    }

    /** What a resource costs is known only when it is deployed. */
    @Test
    void limitBelowADeclaredCost_oneLineAndExitCodeTwo() throws Exception {
        Path small = Files.writeString(directory.resolve("small.properties"), "weir.policy.orders.limit=3\n");
        SampleProcess.Exit exit = SampleProcess.run("--config", small.toString());
        assertOneLine(exit, "a cost of 5 can never pass policy 'orders'");
    }

    @Test
    void port_inUse_oneLineAndExitCodeTwo() throws Exception {
        assertOneLine(SampleProcess.run("--port", String.valueOf(app.port())), "in use");
    }

    private static void assertOneLine(SampleProcess.Exit exit, String named) {
        assertThat(exit.code()).isEqualTo(2);
        assertThat(exit.errors()).singleElement().asString().contains(named);
    }

    /** The only member of a field that is a structured list, read by a parser that is not ours. */
    private static ListElement<?> item(HttpResponse<String> response, String field) {
        OuterList list = Parser.parseList(String.join(",", response.headers().allValues(field)));
        List<? extends ListElement<?>> members = list.get();
        assertThat(members).hasSize(1);
        return members.get(0);
    }
}
